import type { StageConfig } from './config.js';

/** Where a one-cycle schedule starts and ends, as shares of its peak. */
const ONE_CYCLE_START = 1 / 25;
const ONE_CYCLE_END = 1e-4;

/** From `a` at 0 to `b` at 1 along half a cosine. */
function cosineBetween(a: number, b: number, progress: number): number {
  return b + ((a - b) * (1 + Math.cos(Math.PI * Math.min(1, Math.max(0, progress))))) / 2;
}

/**
 * The learning rate of a step.
 *
 * @param step - steps done in this stage, over all its epochs
 * @param stepsPerEpoch - steps of one epoch
 */
export function learningRateAt(stage: StageConfig, step: number, stepsPerEpoch: number): number {
  const { schedule, learningRate } = stage;
  if (schedule.kind === 'step') {
    const epoch = Math.floor(step / stepsPerEpoch);
    return learningRate * schedule.factor ** Math.floor(epoch / schedule.everyEpochs);
  }
  if (schedule.kind === 'cosine') {
    const warmUp = schedule.warmUpEpochs * stepsPerEpoch;
    if (step < warmUp) return (learningRate * (step + 1)) / Math.max(1, warmUp);
    return (
      learningRate * cosineBetween(1, 0, (step - warmUp) / (stage.epochs * stepsPerEpoch - warmUp))
    );
  }
  const progress = step / Math.max(1, stage.epochs * stepsPerEpoch - 1);
  const { warmUpShare } = schedule;
  if (progress < warmUpShare) {
    return learningRate * cosineBetween(ONE_CYCLE_START, 1, progress / warmUpShare);
  }
  return (
    learningRate * cosineBetween(1, ONE_CYCLE_END, (progress - warmUpShare) / (1 - warmUpShare))
  );
}
