import type { Position } from './checkpoint.js';
import { TrainerError } from './errors.js';
import type { StepResult } from './step.js';

/** The terms of the joint loss (paper, 3.3.4), in words. */
const TERMS = {
  classification: 'classification (L_cls)',
  compactness: 'compactness (L_C)',
  distribution: 'distribution (L_D)',
  distillation: 'distillation (the teacher)',
} as const satisfies Partial<Record<keyof StepResult, string>>;

/**
 * Stops a run whose loss is no longer a number.
 *
 * @param position - of the step that gave the result
 * @throws {TrainerError} `training-diverged`, naming the terms
 */
export function requireFiniteLoss(result: StepResult, position: Position): void {
  if (Number.isFinite(result.loss)) return;
  const bad = (Object.keys(TERMS) as (keyof typeof TERMS)[])
    .filter((term) => !Number.isFinite(result[term]))
    .map((term) => `${TERMS[term]} is ${result[term]}`);
  throw new TrainerError(
    'training-diverged',
    `The loss is ${result.loss} at stage ${position.stage + 1}, epoch ${position.epoch + 1}, step ` +
      `${position.step + 1}: ${bad.length > 0 ? bad.join(', ') : 'each term is finite, their sum is not'}. ` +
      'The step was not applied; the last checkpoint holds a good state before it. Lower the ' +
      'learning rate, or the factor of the term.',
  );
}

/**
 * A finite loss can still have gradients that are not; such weights never reach a file.
 *
 * @throws {TrainerError} `training-diverged`
 */
export function requireFiniteWeights(arena: Float32Array): void {
  if (arena.every((value) => Number.isFinite(value))) return;
  throw new TrainerError(
    'training-diverged',
    'The weights hold values that are no finite numbers, although the loss was one. The last ' +
      'checkpoint holds a good state before. Lower the learning rate.',
  );
}
