import { addLanes } from './kernel.js';

/**
 * Sums over parts of maps: slices of the pixels of one image, as channel attention needs the means of each
 * image anyway.
 */

/** Threads of a workgroup that adds up: so many quads of channels, and lanes for the pixels. */
const QUADS = 16;
const LANES = 16;
/** Slices are made until there are so many workgroups, or a slice has no more pixels than this. */
const ENOUGH_WORKGROUPS = 512;
const FEWEST_PIXELS = 64;

/** How the sums over a map are shared out. */
export interface Slicing {
  readonly pixels: number;
  readonly quads: number;
  readonly slicePixels: number;
  readonly slices: number;
  readonly workgroups: [x: number, y: number, z: number];
}

/** @param side - of the map */
export function slicingOf(images: number, side: number, quads: number): Slicing {
  const pixels = side ** 2;
  const columns = Math.ceil(quads / QUADS);
  const most = Math.min(
    Math.ceil(ENOUGH_WORKGROUPS / (columns * images)),
    Math.max(1, Math.floor(pixels / FEWEST_PIXELS)),
  );
  const slicePixels = Math.ceil(pixels / most);
  const slices = Math.ceil(pixels / slicePixels);
  return { pixels, quads, slicePixels, slices, workgroups: [columns, slices, images] };
}

/** Vectors of a quad that are written for each part: two sums, or what follows from them. */
export const PART_VECTORS = 2;

/** Threads that add up the parts of one quad. */
export const FINISHERS = 64;

/** The frame of a pass that adds up two things, `first` and `second`, over a slice of pixels. */
export function sliceMain(before: string, each: string, after: string): string {
  const threads = QUADS * LANES;
  return `
var<workgroup> firsts: array<vec4f, ${threads}>;
var<workgroup> seconds: array<vec4f, ${threads}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let quad = group.x * ${QUADS}u + thread % ${QUADS}u;
  let lane = thread / ${QUADS}u;
  let start = group.y * sizes.slicePixels;
  let count = min(sizes.slicePixels, sizes.pixels - start);
  let origin = (group.z * sizes.pixels + start) * sizes.quads + quad;
  var first = vec4f();
  var second = vec4f();
  if (quad < sizes.quads) {
${before}
    for (var pixel = lane; pixel < count; pixel += ${LANES}u) {
      let at = origin + pixel * sizes.quads;
${each}
    }
  }
  firsts[thread] = first;
  seconds[thread] = second;
${addLanes(['firsts', 'seconds'], LANES, QUADS, 'lane')}
  if (lane == 0u && quad < sizes.quads) {
    let part = ((group.z * sizes.slices + group.y) * sizes.quads + quad) * ${PART_VECTORS}u;
${after}
  }
}
`;
}

export const SLICE_SIZES = ['pixels', 'quads', 'slicePixels', 'slices'] as const;
export type SliceSize = (typeof SLICE_SIZES)[number];

/** Adds up vectors over the threads of a workgroup: a function `total`, for the whole workgroup. */
export const TOTAL: string = `
var<workgroup> lanes: array<vec4f, ${FINISHERS}>;

fn total(thread: u32, value: vec4f) -> vec4f {
  lanes[thread] = value;
${addLanes(['lanes'], FINISHERS, 1, 'thread')}
  let sum = lanes[0];
  workgroupBarrier();
  return sum;
}
`;
