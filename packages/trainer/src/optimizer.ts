import type { OptimizerConfig } from './config.js';

/** The flat arrays that an update reads and writes; all have the same length. */
export interface OptimizerState {
  readonly parameters: Float32Array;
  /** First and second moments. */
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
  /** One gradient for each worker; their mean is applied. */
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
  const { parameters, moment1, moment2, gradients, decay } = state;
  const { beta1, beta2, epsilon } = config;
  const { step, learningRate, from, to } = options;
  const share = 1 / gradients.length;
  const correction1 = 1 / (1 - beta1 ** step);
  const correction2 = 1 / (1 - beta2 ** step);
  const [first, second] = gradients as [Float32Array, Float32Array | undefined];
  for (let i = from; i < to; i++) {
    let sum = first[i]!;
    if (second) sum += second[i]!;
    for (let worker = 2; worker < gradients.length; worker++) sum += gradients[worker]![i]!;
    const g = sum * share;
    const m = (moment1[i] = beta1 * moment1[i]! + (1 - beta1) * g);
    const v = (moment2[i] = beta2 * moment2[i]! + (1 - beta2) * g * g);
    const direction = (m * correction1) / (Math.sqrt(v * correction2) + epsilon);
    parameters[i]! -= learningRate * (direction + decay[i]! * parameters[i]!);
  }
}
