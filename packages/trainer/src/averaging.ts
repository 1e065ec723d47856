import type { AveragingConfig } from './config.js';

/**
 * What the average keeps of itself at a step. Before the average starts: nothing, so it is a copy of
 * the weights. From then on it grows to the configured decay as (1 + t) / (10 + t), or the first
 * steps' weights would stand in it for long.
 *
 * @param step - steps done in this stage before this one
 */
export function averageDecayAt(
  { decay, startEpoch }: AveragingConfig,
  step: number,
  stepsPerEpoch: number,
): number {
  const since = step - startEpoch * stepsPerEpoch;
  return since < 0 ? 0 : Math.min(decay, (1 + since) / (10 + since));
}

/** average = decay * average + (1 - decay) * values, over equally long arrays. */
export function updateAverage(average: Float32Array, values: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i++) {
    average[i] = values[i]! + decay * (average[i]! - values[i]!);
  }
}
