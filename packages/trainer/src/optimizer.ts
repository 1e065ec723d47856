import { updateAverage } from './averaging.js';
import type { OptimizerConfig } from './config.js';
import { nativeInUse } from './native.js';

/** The flat arrays that an update reads and writes; all have the same length. */
export interface OptimizerState {
  readonly parameters: Float32Array;
  /** First and second moments. */
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
  /** Moving average of the parameters, where there is one. */
  readonly average?: Float32Array | undefined;
  /** One gradient for each worker; their mean is applied. The first may be overwritten. */
  readonly gradients: readonly Float32Array[];
  /** Weight decay of each parameter: l3 for kernels, 0 for everything else. */
  readonly decay: Float32Array;
}

/** One update, of the range `[from, to)`. */
export interface UpdateOptions {
  /** Number of this step, from 1; corrects the moments' start at zero. */
  readonly step: number;
  readonly learningRate: number;
  /** What the average keeps of itself; not read where there is none. */
  readonly averageDecay: number;
  readonly from: number;
  readonly to: number;
}

/**
 * One step of Adam with decoupled weight decay, and of the moving average. Workers update disjoint
 * ranges of the same shared arrays.
 */
export function adamUpdate(
  state: OptimizerState,
  config: OptimizerConfig,
  options: UpdateOptions,
): void {
  const { step, learningRate, averageDecay, from, to } = options;
  const { beta1, beta2, epsilon } = config;
  const correction1 = 1 / (1 - beta1 ** step);
  const correction2 = 1 / (1 - beta2 ** step);
  // Views that begin at 0: V8 runs this loop eight times slower over a range in the middle.
  const range = (array: Float32Array): Float32Array => array.subarray(from, to);
  const gradients = state.gradients.map(range);
  const p = range(state.parameters);
  const m = range(state.moment1);
  const v = range(state.moment2);
  const decay = range(state.decay);
  const average = state.average && range(state.average);
  const native = nativeInUse();
  if (native) {
    const numbers = [beta1, beta2, epsilon, learningRate, correction1, correction2, averageDecay];
    const none = new Float32Array(0);
    native.adam(Float64Array.from(numbers), p, m, v, decay, average ?? none, ...gradients);
    return;
  }
  const gradient = meanOf(gradients);
  for (let i = 0; i < p.length; i++) {
    const g = gradient[i]!;
    const m1 = beta1 * m[i]! + (1 - beta1) * g;
    const m2 = beta2 * v[i]! + (1 - beta2) * g * g;
    m[i] = m1;
    v[i] = m2;
    const direction = (m1 * correction1) / (Math.sqrt(m2 * correction2) + epsilon);
    p[i] = p[i]! - learningRate * (direction + decay[i]! * p[i]!);
  }
  if (average) updateAverage(average, p, averageDecay);
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
