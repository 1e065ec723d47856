import { BATCH_NORM_EPSILON } from 'emotion-cam/network';
import { addLanes, kernel, linearMain, type Kernel } from './kernel.js';

/**
 * Batch normalisation of maps in two passes each way: one finds sums over parts of a map, one applies
 * what follows from them. Parts are slices of the pixels of one image, as channel attention needs the
 * means of each image anyway.
 */

/** Threads of a workgroup that adds up: so many quads of channels, and lanes for the pixels. */
const QUADS = 16;
const LANES = 16;
/** Slices are made until there are so many workgroups, or a slice has no more pixels than this. */
const ENOUGH_WORKGROUPS = 512;
const FEWEST_PIXELS = 64;
/** Threads that add up the parts of one quad. */
const FINISHERS = 64;

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

/** Vectors of a quad in what {@link MOMENTS} and {@link gradientSumsKernel} write for each part. */
export const PART_VECTORS = 2;
/** Vectors of a quad of a layer's normalisation: mean, 1/deviation, factor, constant, gamma, beta. */
export const NORM_VECTORS = 6;
/** Vectors of a quad of its gradient: the means of dL/dy and of dL/dy * xhat. */
export const NORM_GRADIENT_VECTORS = 2;

/** The frame of a pass that adds up two things, `first` and `second`, over a slice of pixels. */
function sliceMain(before: string, each: string, after: string): string {
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

const SLICE_SIZES = ['pixels', 'quads', 'slicePixels', 'slices'] as const;
export type SliceSize = (typeof SLICE_SIZES)[number];

/**
 * Mean and sum of the squared distances from it, of each part. Distances are taken from the part's first
 * pixel, so that nothing large cancels. Bindings: x; parts.
 */
export const MOMENTS: Kernel<SliceSize> = kernel(
  'moments',
  SLICE_SIZES,
  [
    { name: 'x', access: 'read' },
    { name: 'parts', access: 'write' },
  ],
  sliceMain(
    '    let base = x[origin];',
    `      let distance = x[at] - base;
      first += distance;
      second += distance * distance;`,
    `    let n = f32(count);
    let sum = firsts[thread];
    parts[part] = x[origin] + sum / n;
    parts[part + 1u] = max(seconds[thread] - sum * sum / n, vec4f());`,
  ),
);

/** Adds up vectors over the threads of a workgroup: a function `total`, for the whole workgroup. */
const TOTAL = `
var<workgroup> lanes: array<vec4f, ${FINISHERS}>;

fn total(thread: u32, value: vec4f) -> vec4f {
  lanes[thread] = value;
${addLanes(['lanes'], FINISHERS, 1, 'thread')}
  let sum = lanes[0];
  workgroupBarrier();
  return sum;
}
`;

/**
 * A layer's normalisation from the parts' moments, and its statistics: mean and unbiased variance.
 * Bindings: parts; gamma; beta; the normalisation; mean; variance. A workgroup for each quad.
 */
export const FINISH_MOMENTS: Kernel<SliceSize | 'images'> = kernel(
  'finish moments',
  [...SLICE_SIZES, 'images'],
  [
    { name: 'parts', access: 'read' },
    { name: 'gamma', access: 'read' },
    { name: 'beta', access: 'read' },
    { name: 'norm', access: 'write' },
    { name: 'means', access: 'write' },
    { name: 'variances', access: 'write' },
  ],
  `${TOTAL}
fn pixelsOf(part: u32) -> f32 {
  return f32(min(sizes.slicePixels, sizes.pixels - part % sizes.slices * sizes.slicePixels));
}

@compute @workgroup_size(${FINISHERS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let quad = group.x;
  let count = sizes.images * sizes.slices;
  let n = f32(sizes.images * sizes.pixels);
  var sum = vec4f();
  for (var part = thread; part < count; part += ${FINISHERS}u) {
    sum += pixelsOf(part) * parts[(part * sizes.quads + quad) * ${PART_VECTORS}u];
  }
  let mean = total(thread, sum) / n;
  var squares = vec4f();
  for (var part = thread; part < count; part += ${FINISHERS}u) {
    let at = (part * sizes.quads + quad) * ${PART_VECTORS}u;
    let distance = parts[at] - mean;
    squares += parts[at + 1u] + pixelsOf(part) * distance * distance;
  }
  let squared = total(thread, squares);
  if (thread == 0u) {
    let inverse = 1.0 / sqrt(squared / n + ${BATCH_NORM_EPSILON});
    let at = quad * ${NORM_VECTORS}u;
    norm[at] = mean;
    norm[at + 1u] = inverse;
    norm[at + 2u] = gamma[quad] * inverse;
    norm[at + 3u] = beta[quad] - mean * gamma[quad] * inverse;
    norm[at + 4u] = gamma[quad];
    norm[at + 5u] = beta[quad];
    means[quad] = mean;
    variances[quad] = squared / max(n - 1.0, 1.0);
  }
}
`,
);

/** A quad's normalised vector, before ReLU: a function `normalised` of `norm`. */
export const NORMALISED: string = `
fn normalised(value: vec4f, quad: u32) -> vec4f {
  let at = quad * ${NORM_VECTORS}u;
  return fma(value, norm[at + 2u], norm[at + 3u]);
}
`;

/** ReLU of the normalised map. Bindings: x; the normalisation; y. */
export const NORMALISE: Kernel<'count' | 'quads'> = kernel(
  'normalise',
  ['count', 'quads'],
  [
    { name: 'x', access: 'read' },
    { name: 'norm', access: 'read' },
    { name: 'y', access: 'write' },
  ],
  NORMALISED +
    linearMain(
      'sizes.count',
      '  y[index] = max(normalised(x[index], index % sizes.quads), vec4f());',
    ),
);

/**
 * Sums of dL/dy and of dL/dy * xhat of each part. Bindings: dL/dy; with a mask y, which is 0 where ReLU
 * stopped the gradient; x; the normalisation; parts.
 */
export function gradientSumsKernel(isMasked: boolean): Kernel<SliceSize> {
  return kernel(
    `gradient sums${isMasked ? ', masked' : ''}`,
    SLICE_SIZES,
    [
      { name: 'gradient', access: 'read' },
      ...(isMasked ? [{ name: 'y', access: 'read' } as const] : []),
      { name: 'x', access: 'read' },
      { name: 'norm', access: 'read' },
      { name: 'parts', access: 'write' },
    ],
    sliceMain(
      `    let mean = norm[quad * ${NORM_VECTORS}u];
    let inverse = norm[quad * ${NORM_VECTORS}u + 1u];`,
      `      let dy = ${isMasked ? 'select(vec4f(), gradient[at], y[at] > vec4f())' : 'gradient[at]'};
      first += dy;
      second += dy * (x[at] - mean) * inverse;`,
      `    parts[part] = firsts[thread];
    parts[part + 1u] = seconds[thread];`,
    ),
  );
}

/**
 * A layer's dL/dgamma and dL/dbeta, and the means that its dL/dx takes. Bindings: parts; the means;
 * dL/dgamma; dL/dbeta. A workgroup for each quad.
 */
export const FINISH_GRADIENT_SUMS: Kernel<'parts' | 'quads' | 'count'> = kernel(
  'finish gradient sums',
  ['parts', 'quads', 'count'],
  [
    { name: 'parts', access: 'read' },
    { name: 'means', access: 'write' },
    { name: 'dGamma', access: 'write' },
    { name: 'dBeta', access: 'write' },
  ],
  `${TOTAL}
@compute @workgroup_size(${FINISHERS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let quad = group.x;
  var first = vec4f();
  var second = vec4f();
  for (var part = thread; part < sizes.parts; part += ${FINISHERS}u) {
    let at = (part * sizes.quads + quad) * ${PART_VECTORS}u;
    first += parts[at];
    second += parts[at + 1u];
  }
  let sum = total(thread, first);
  let product = total(thread, second);
  if (thread == 0u) {
    let n = f32(sizes.count);
    means[quad * ${NORM_GRADIENT_VECTORS}u] = sum / n;
    means[quad * ${NORM_GRADIENT_VECTORS}u + 1u] = product / n;
    dGamma[quad] = product;
    dBeta[quad] = sum;
  }
}
`,
);

/** What lies between a layer's normalisation and the gradient that arrives. */
export interface GradientPath {
  /** ReLU: gradients pass where its result is above 0. */
  readonly isMasked: boolean;
  /** Channel attention: dL/dy = s dL/dz, and what its mean adds. */
  readonly isAttended: boolean;
  /** The masked gradient stays, and dL/dx is written beside it; else dL/dx takes its place. */
  readonly isKept: boolean;
}

/**
 * dL/dx of batch normalisation: gamma / deviation * (dy - mean(dy) - xhat * mean(dy * xhat)). Bindings: x;
 * the normalisation; the means; masked: y; attended: s [N,C] and what to add to every pixel [N,C]; the
 * gradient; kept: dL/dx.
 */
export function normGradientKernel({
  isMasked,
  isAttended,
  isKept,
}: GradientPath): Kernel<'count' | 'quads' | 'imageQuads'> {
  const binding = (isThere: boolean, name: string): { name: string; access: 'read' }[] =>
    isThere ? [{ name, access: 'read' }] : [];
  const path = Object.entries({ masked: isMasked, attended: isAttended, kept: isKept });
  return kernel(
    ['norm gradient', ...path.filter(([, is]) => is).map(([name]) => name)].join(', '),
    ['count', 'quads', 'imageQuads'],
    [
      { name: 'x', access: 'read' },
      { name: 'norm', access: 'read' },
      { name: 'means', access: 'read' },
      ...binding(isMasked, 'y'),
      ...binding(isAttended, 'scale'),
      ...binding(isAttended, 'spread'),
      { name: 'gradient', access: 'update' },
      ...(isKept ? [{ name: 'result', access: 'write' } as const] : []),
    ],
    linearMain(
      'sizes.count',
      `  let quad = index % sizes.quads;
  let dz = ${isMasked ? 'select(vec4f(), gradient[index], y[index] > vec4f())' : 'gradient[index]'};
${
  isAttended
    ? `  let channel = index / sizes.imageQuads * sizes.quads + quad;
  let dy = fma(dz, scale[channel], spread[channel]);`
    : '  let dy = dz;'
}
  let at = quad * ${NORM_VECTORS}u;
  let xhat = (x[index] - norm[at]) * norm[at + 1u];
  let mean = quad * ${NORM_GRADIENT_VECTORS}u;
  let dx = norm[at + 2u] * (dy - means[mean] - xhat * means[mean + 1u]);
${isKept ? '  gradient[index] = dz;\n  result[index] = dx;' : '  gradient[index] = dx;'}`,
    ),
  );
}
