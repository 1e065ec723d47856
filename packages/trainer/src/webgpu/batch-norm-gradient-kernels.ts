import { NORM_VECTORS } from './batch-norm-kernels.js';
import { kernel, linearMain, type Kernel } from './kernel.js';
import {
  FINISHERS,
  PART_VECTORS,
  SLICE_SIZES,
  sliceMain,
  TOTAL,
  type SliceSize,
} from './slice-sums.js';

/** Vectors of a quad of its gradient: the means of dL/dy and of dL/dy * xhat. */
export const NORM_GRADIENT_VECTORS = 2;

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
