import type { NetworkConfig } from 'emotion-cam/network';
import { addLanes, float, kernel, linearMain, type Kernel, VALUES } from './kernel.js';

/** Means over a map. Bindings: x [N,H,W,C]; means [N,C]. `count` is that of the means' vectors. */
export const POOL_GLOBALLY: Kernel<'count' | 'quads' | 'pixels'> = kernel(
  'global average pool',
  ['count', 'quads', 'pixels'],
  [
    { name: 'x', access: 'read' },
    { name: 'means', access: 'write' },
  ],
  linearMain(
    'sizes.count',
    `  let first = index / sizes.quads * sizes.pixels * sizes.quads + index % sizes.quads;
  var sum = vec4f();
  for (var pixel = 0u; pixel < sizes.pixels; pixel++) { sum += x[first + pixel * sizes.quads]; }
  means[index] = sum / f32(sizes.pixels);`,
  ),
);

/** Its gradient. Bindings: dL/dmeans [N,C]; dL/dx [N,H,W,C], `count` vectors. */
export const POOL_GLOBALLY_GRADIENT: Kernel<'count' | 'quads' | 'pixels'> = kernel(
  'global average pool gradient',
  ['count', 'quads', 'pixels'],
  [
    { name: 'gradient', access: 'read' },
    { name: 'result', access: 'write' },
  ],
  linearMain(
    'sizes.count',
    `  let image = index / (sizes.quads * sizes.pixels);
  result[index] = gradient[image * sizes.quads + index % sizes.quads] / f32(sizes.pixels);`,
  ),
);

/** Sums over rows: the gradient of a bias. Bindings: dL/dy [rows,columns]; dL/dbias [columns]. */
export const ADD_ROWS: Kernel<'rows' | 'columns'> = kernel(
  'add rows',
  ['rows', 'columns'],
  [
    { name: 'gradient', access: 'read', type: VALUES },
    { name: 'result', access: 'write', type: VALUES },
  ],
  linearMain(
    'sizes.columns',
    `  var sum = 0.0;
  for (var row = 0u; row < sizes.rows; row++) { sum += gradient[row * sizes.columns + index]; }
  result[index] = sum;`,
  ),
);

/** Threads of a workgroup that works on one image, or on one feature of an image. */
const THREADS = 64;

/**
 * The weight of each latent feature and the intra-features (paper, 3.3.2): alpha = mean(gate), f = alpha l.
 * Bindings: gates [N,M,D]; l [N,M,D]; alpha [N,M]; f [N,M,D]. A workgroup for each feature of each image.
 */
export function intraKernel({ latentWidth: width }: NetworkConfig): Kernel {
  return kernel(
    'intra features',
    [],
    [
      { name: 'gates', access: 'read', type: VALUES },
      { name: 'latents', access: 'read', type: VALUES },
      { name: 'alphas', access: 'write', type: VALUES },
      { name: 'intra', access: 'write', type: VALUES },
    ],
    `
var<workgroup> lanes: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first = group.x * ${width}u;
  var sum = 0.0;
  for (var d = thread; d < ${width}u; d += ${THREADS}u) { sum += gates[first + d]; }
  lanes[thread] = sum;
${addLanes(['lanes'], THREADS, 1, 'thread')}
  let alpha = lanes[0] / ${width}.0;
  if (thread == 0u) { alphas[group.x] = alpha; }
  for (var d = thread; d < ${width}u; d += ${THREADS}u) { intra[first + d] = alpha * latents[first + d]; }
}
`,
  );
}

/**
 * The gradient of {@link intraKernel}, with what L_C and L_D add: dL/dl but for what comes through the
 * gates, and dL/d(the gates' sums). Bindings: dL/df; gates; l; the centres of L_C [M,D]; alpha; L_D's
 * dL/dalpha; dL/dl; dL/dsums.
 *
 * @param compactness - l1
 */
export function intraGradientKernel(
  { latentWidth: width, latentFeatures: features }: NetworkConfig,
  images: number,
  compactness: number,
): Kernel {
  return kernel(
    'intra features gradient',
    [],
    [
      { name: 'gradient', access: 'read', type: VALUES },
      { name: 'gates', access: 'read', type: VALUES },
      { name: 'latents', access: 'read', type: VALUES },
      { name: 'centres', access: 'read', type: VALUES },
      { name: 'alphas', access: 'read', type: VALUES },
      { name: 'dAlphas', access: 'read', type: VALUES },
      { name: 'dLatents', access: 'write', type: VALUES },
      { name: 'dSums', access: 'write', type: VALUES },
    ],
    `
var<workgroup> lanes: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first = group.x * ${width}u;
  let centre = group.x % ${features}u * ${width}u;
  var sum = 0.0;
  for (var d = thread; d < ${width}u; d += ${THREADS}u) { sum += gradient[first + d] * latents[first + d]; }
  lanes[thread] = sum;
${addLanes(['lanes'], THREADS, 1, 'thread')}
  let dAlpha = (lanes[0] + dAlphas[group.x]) / ${width}.0;
  let alpha = alphas[group.x];
  for (var d = thread; d < ${width}u; d += ${THREADS}u) {
    let gate = gates[first + d];
    dSums[first + d] = dAlpha * gate * (1.0 - gate);
    dLatents[first + d] = alpha * gradient[first + d]
      + ${float((2 * compactness) / images)} * (latents[first + d] - centres[centre + d]);
  }
}
`,
  );
}
