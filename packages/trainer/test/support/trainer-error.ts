import { TrainerError } from '../../src/errors.js';

/** The TrainerError that a promise is rejected with. */
export async function trainerError(promise: Promise<unknown>): Promise<TrainerError> {
  const outcome: unknown = await promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
  if (outcome instanceof TrainerError) return outcome;
  throw new Error(`Expected a TrainerError, got: ${String(outcome)}`);
}
