import { BATCH_NORM_EPSILON } from 'emotion-cam/network';
import { kernel, linearMain, type Kernel } from './kernel.js';
import {
  FINISHERS,
  PART_VECTORS,
  SLICE_SIZES,
  sliceMain,
  TOTAL,
  type SliceSize,
} from './slice-sums.js';

/**
 * Batch normalisation of maps in two passes: one finds sums over parts of a map, one applies what follows
 * from them.
 */

/** Vectors of a quad of a layer's normalisation: mean, 1/deviation, factor, constant, gamma, beta. */
export const NORM_VECTORS = 6;
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
