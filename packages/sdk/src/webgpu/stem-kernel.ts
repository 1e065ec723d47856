import { kernel, repeat, type Kernel } from './kernel.js';
import type { Storage } from './storage.js';

/** Pooled pixels in each direction that one workgroup computes. */
const POOLED = 4;
/** Convolved pixels under them: the pooling's windows are 3 wide, 2 apart. */
const CONVOLVED = 2 * POOLED + 1;
/** Input pixels under those: the filter is 7 wide, the stride 2. */
const PATCH = 2 * (CONVOLVED - 1) + 7;
/** Convolved pixels side by side that one thread computes. */
const RUN = 3;

/** The stem, in numbers. */
export interface StemShape {
  readonly inputSide: number;
  readonly convolvedSide: number;
  readonly pooledSide: number;
  readonly outputQuads: number;
  /** Of the pixel values, 0..255, in each colour. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Sides of the maps behind the stem's convolution and its pooling. */
export function stemSides(inputSide: number): { convolvedSide: number; pooledSide: number } {
  const convolvedSide = Math.floor((inputSide - 1) / 2) + 1;
  return { convolvedSide, pooledSide: Math.floor((convolvedSide - 1) / 2) + 1 };
}

/** Quads of output channels that one workgroup computes. */
export function stemTileQuads(outputQuads: number): number {
  return Math.min(8, outputQuads);
}

export function stemWorkgroups(shape: StemShape): [columns: number, rows: number, tiles: number] {
  const { pooledSide, outputQuads } = shape;
  const across = Math.ceil(pooledSide / POOLED);
  return [across, across, Math.ceil(outputQuads / stemTileQuads(outputQuads))];
}

/**
 * Normalisation, 7x7 convolution of stride 2, bias, ReLU and 3x3 max pooling of stride 2 in one: the
 * map between convolution and pooling, the network's largest, never leaves the workgroup. Workgroups
 * compute the edges of their tiles twice for it, a quarter of the stem's and 2 % of all work.
 *
 * Bindings: RGB pixels 0..255, [S,S,3]; filters as `packStem` lays them out; bias [C]; the pooled map
 * [S/4,S/4,C].
 */
export function stemKernel(shape: StemShape, storage: Storage): Kernel {
  const { inputSide, convolvedSide, pooledSide, outputQuads, mean, std } = shape;
  const tileQuads = stemTileQuads(outputQuads);
  const quadsPerThread = tileQuads % 2 === 0 ? 2 : 1;
  const columns = tileQuads / quadsPerThread;
  const runs = CONVOLVED / RUN;
  const threads = columns * CONVOLVED * runs;
  const filterRow = 7 * 3 * tileQuads; // vectors
  const filterStart = PATCH ** 2;
  const tileVectors = Math.max(filterStart + filterRow, CONVOLVED ** 2 * tileQuads);
  const vector = (values: readonly number[]): string =>
    `vec3f(${values.map((value) => `${value}f`).join(', ')})`;

  const eachOutput = (text: (pixel: number, quad: number) => string): string =>
    repeat(RUN, (pixel) => repeat(quadsPerThread, (quad) => text(pixel, quad)));

  const multiplyColour = (colour: number): string =>
    repeat(
      quadsPerThread,
      (quad) =>
        `      let b${colour}${quad} = tile[filterAt + ${colour * tileQuads + quad * columns}u];`,
    ) +
    '\n' +
    eachOutput(
      (pixel, quad) =>
        `      sum${pixel}${quad} = fma(vec4f(a${pixel}.${'xyz'[colour]!}), b${colour}${quad}, sum${pixel}${quad});`,
    );

  return kernel(
    `stem ${inputSide}x${inputSide} to ${pooledSide}x${pooledSide}x${outputQuads * 4}`,
    storage,
    [
      { name: 'pixels', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: `array<${storage.type}>` },
      { name: 'bias', access: 'read', type: 'array<vec4f>' },
      { name: 'pooled', access: 'write', type: `array<${storage.type}>` },
    ],
    `
const MEAN = ${vector(mean)};
const SCALE = ${vector(std.map((value) => 1 / value))};
/** First the patch of the input and one row of the filters, then the convolved pixels. */
var<workgroup> tile: array<vec4f, ${tileVectors}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstPooled = vec2i(group.xy) * ${POOLED};
  let firstConvolved = firstPooled * 2 - 1;
  let firstInput = firstConvolved * 2 - 3;
  for (var i = thread; i < ${PATCH ** 2}u; i += ${threads}u) {
    let pixel = firstInput + vec2i(i32(i % ${PATCH}u), i32(i / ${PATCH}u));
    var value = vec4f();
    if (min(pixel.x, pixel.y) >= 0 && max(pixel.x, pixel.y) < ${inputSide}) {
      let at = u32(pixel.y * ${inputSide} + pixel.x) * 3u;
      let colour = vec3f(pixels[at], pixels[at + 1u], pixels[at + 2u]);
      value = vec4f((colour - MEAN) * SCALE, 0.0);
    }
    tile[i] = value;
  }

  let column = thread % ${columns}u;
  let run = thread / ${columns}u;
  let row = run / ${runs}u;
  let left = run % ${runs}u * ${RUN}u;
${eachOutput((pixel, quad) => `  var sum${pixel}${quad} = vec4f();`)}
  for (var ky = 0u; ky < 7u; ky++) {
    workgroupBarrier();
    for (var i = thread; i < ${filterRow}u; i += ${threads}u) {
      tile[${filterStart}u + i] = ${storage.load(`filters[(group.z * 7u + ky) * ${filterRow}u + i]`)};
    }
    workgroupBarrier();
    for (var kx = 0u; kx < 7u; kx++) {
      let pixelAt = (row * 2u + ky) * ${PATCH}u + left * 2u + kx;
      let filterAt = ${filterStart}u + kx * ${3 * tileQuads}u + column;
${repeat(RUN, (pixel) => `      let a${pixel} = tile[pixelAt + ${2 * pixel}u];`)}
${repeat(3, multiplyColour)}
    }
  }

  workgroupBarrier();
${eachOutput(
  (pixel, quad) => `  {
    let at = firstConvolved + vec2i(i32(left) + ${pixel}, i32(row));
    let isInside = min(at.x, at.y) >= 0 && max(at.x, at.y) < ${convolvedSide};
    let quad = column + ${quad * columns}u;
    // Outside of the map 0 takes part in the maximum and changes nothing: behind ReLU none is less.
    let value = max(sum${pixel}${quad} + bias[group.z * ${tileQuads}u + quad], vec4f());
    tile[(row * ${CONVOLVED}u + left + ${pixel}u) * ${tileQuads}u + quad] = select(vec4f(), value, isInside);
  }`,
)}
  workgroupBarrier();
  for (var i = thread; i < ${POOLED ** 2 * tileQuads}u; i += ${threads}u) {
    let quad = i % ${tileQuads}u;
    let at = vec2u(i / ${tileQuads}u % ${POOLED}u, i / ${tileQuads * POOLED}u);
    var largest = vec4f();
    for (var dy = 0u; dy < 3u; dy++) {
      for (var dx = 0u; dx < 3u; dx++) {
        largest = max(largest, tile[((at.y * 2u + dy) * ${CONVOLVED}u + at.x * 2u + dx) * ${tileQuads}u + quad]);
      }
    }
    let place = vec2u(firstPooled) + at;
    let outputQuad = group.z * ${tileQuads}u + quad;
    if (max(place.x, place.y) < ${pooledSide}u && outputQuad < ${outputQuads}u) {
      pooled[(place.y * ${pooledSide}u + place.x) * ${outputQuads}u + outputQuad] = ${storage.store('largest')};
    }
  }
}
`,
  );
}
