import { join } from 'node:path';
import { TrainerError } from '../errors.js';
import { computeMetrics, type Metrics } from '../metrics.js';
import { readMetrics, readPredictions } from '../read-results.js';
import { RESULT_FILES, type FoldResult, type Origin, type Prediction } from '../results.js';
import type { TrainingJob } from './training-job.js';

/** What a finished job says. */
export interface JobResult extends FoldResult {
  readonly job: TrainingJob;
  readonly labels: readonly string[];
  readonly origins: readonly Origin[];
  /** Of the split that the job measures. */
  readonly predictions: readonly Prediction[];
}

/**
 * Reads the results of a finished job.
 *
 * @param folder - the job's
 * @throws {TrainerError} those of `readMetrics`; `results-invalid` without the measured split
 */
export async function readJobResult(job: TrainingJob, folder: string): Promise<JobResult> {
  const file = join(folder, RESULT_FILES.metrics);
  const metrics = await readMetrics(file);
  const { sets } = await readPredictions(join(folder, RESULT_FILES.predictions));
  const evaluation =
    metrics.kind === 'run' && metrics.evaluations.find(({ split }) => split === job.measured);
  const set = sets.find(({ split }) => split === job.measured);
  if (!evaluation || !set) {
    throw new TrainerError(
      'results-invalid',
      `${file} has no evaluation of the split "${job.measured}". Remove the folder; the same ` +
        'command then runs the job again.',
    );
  }
  return {
    job,
    fold: job.config.fold?.index ?? 0,
    seed: job.config.seed,
    chosen: metrics.chosen,
    metrics: pickMetrics(evaluation),
    labels: metrics.labels,
    origins: metrics.origins ?? [],
    predictions: set.predictions,
  };
}

/** An evaluation without what it was measured on. */
function pickMetrics(evaluation: Metrics): Metrics {
  const { count, accuracy, meanClassAccuracy, macroF1, expectedCalibrationError } = evaluation;
  const { labels, confusionMatrix, perClass } = evaluation;
  return {
    count,
    accuracy,
    meanClassAccuracy,
    macroF1,
    expectedCalibrationError,
    labels,
    confusionMatrix,
    perClass,
  };
}

/** The results' part that is reported of each fold or seed. */
export function foldResult({ fold, seed, chosen, metrics }: JobResult): FoldResult {
  return { fold, seed, chosen, metrics };
}

/** All results' predictions one after the other, and their common figures. */
export function pool(results: readonly JobResult[]): {
  readonly predictions: readonly Prediction[];
  readonly metrics: Metrics;
} {
  const predictions = results.flatMap((result) => result.predictions);
  const metrics = computeMetrics(
    predictions.map(({ truth }) => truth),
    predictions.flatMap(({ probabilities }) => probabilities),
    results[0]!.labels,
  );
  return { predictions, metrics };
}

/** What the weights of all results went through, each once. */
export function originsOfAll(results: readonly JobResult[]): Origin[] {
  const byName = new Map(results.flatMap(({ origins }) => origins).map((o) => [o.name, o]));
  return [...byName.values()];
}

/**
 * Makes sure that folds are what they should be: every image in one of them.
 *
 * @throws {TrainerError} `job-mismatch` naming an image that two folds were measured on
 */
export function requireDisjoint(results: readonly JobResult[]): void {
  const foldOf = new Map<string, number>();
  for (const { fold, predictions } of results) {
    for (const { id } of predictions) {
      const other = foldOf.get(id);
      foldOf.set(id, fold);
      if (other === undefined) continue;
      throw new TrainerError(
        'job-mismatch',
        `The image ${id} was measured in fold ${other + 1} and in fold ${fold + 1}, so the folds were ` +
          'cut from different data. Every machine needs the same copy of the data set; then begin ' +
          'anew with --overwrite.',
      );
    }
  }
}
