import type { OptimizerConfig } from './config.js';

/** The flat arrays that an update reads and writes; all have the same length. */
export interface OptimizerState {
  readonly parameters: Float32Array;
  /** First and second moments. */
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
  /** One gradient for each worker; their mean is applied. The first is overwritten. */
  readonly gradients: readonly Float32Array[];
  /** Weight decay of each parameter: l3 for kernels, 0 for everything else. */
  readonly decay: Float32Array;
}

/**
 * One step of Adam with decoupled weight decay over `[from, to)`. Workers update disjoint ranges of
 * the same shared arrays.
 *
 * @param step - number of this step, from 1; corrects the moments' start at zero
 */
export function adamUpdate(
  state: OptimizerState,
  config: OptimizerConfig,
  options: { step: number; learningRate: number; from: number; to: number },
): void {
  const { step, learningRate, from, to } = options;
  const { beta1, beta2, epsilon } = config;
  const correction1 = 1 / (1 - beta1 ** step);
  const correction2 = 1 / (1 - beta2 ** step);
  // Views that begin at 0: V8 runs this loop eight times slower over a range in the middle.
  const range = (array: Float32Array): Float32Array => array.subarray(from, to);
  const gradient = meanOf(state.gradients.map(range));
  const p = range(state.parameters);
  const m = range(state.moment1);
  const v = range(state.moment2);
  const decay = range(state.decay);
  for (let i = 0; i < p.length; i++) {
    const g = gradient[i]!;
    const m1 = beta1 * m[i]! + (1 - beta1) * g;
    const m2 = beta2 * v[i]! + (1 - beta2) * g * g;
    m[i] = m1;
    v[i] = m2;
    const direction = (m1 * correction1) / (Math.sqrt(m2 * correction2) + epsilon);
    p[i] = p[i]! - learningRate * (direction + decay[i]! * p[i]!);
  }
}

/** The mean of equally long arrays, in the first one's place. */
function meanOf(arrays: readonly Float32Array[]): Float32Array {
  const [mean, ...others] = arrays as [Float32Array, ...Float32Array[]];
  for (const other of others) {
    for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + other[i]!;
  }
  if (others.length > 0) {
    for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! / arrays.length;
  }
  return mean;
}
