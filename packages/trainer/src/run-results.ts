import { basename, join } from 'node:path';
import type { BackendChoice } from './backend.js';
import { lineageOf } from './checkpoint.js';
import type { DatasetName, Split } from './datasets/dataset.js';
import { measureIn, type Measurement } from './evaluate.js';
import { originsOf } from './origins.js';
import { modelOfCheckpoint } from './model-source.js';
import { provenance } from './provenance.js';
import type { Reporter } from './reporter.js';
import { RESULT_FILES, RESULTS_VERSION, type RunMetrics, type RunPredictions } from './results.js';
import { chosenEpoch } from './selection.js';
import { RUN_FILES } from './run-folder.js';
import type { EpochRecord } from './train.js';
import { WorkerPool } from './worker-pool.js';
import { writeJson } from './write-json.js';

/** What is measured at the end of a run. */
export interface RunResultsOptions {
  readonly runFolder: string;
  readonly roots: Readonly<Partial<Record<DatasetName, string>>>;
  readonly history: readonly EpochRecord[];
  /** Splits of the last stage's data set; by default validation, and the fold held out. */
  readonly splits?: readonly Split[];
  readonly backend: BackendChoice;
  readonly reporter: Reporter;
}

/**
 * Measures the chosen epoch of a finished run (`best.ckpt`) and writes `metrics.json` and
 * `predictions.json` into its folder.
 *
 * @throws {TrainerError} `checkpoint-missing`, `checkpoint-corrupt`; those of the data set's reader
 */
export async function writeRunResults(options: RunResultsOptions): Promise<RunMetrics> {
  const { runFolder, roots, history, backend, reporter } = options;
  const model = await modelOfCheckpoint(join(runFolder, RUN_FILES.best));
  const { config, progress } = model.meta;
  const { record } = progress as { record: EpochRecord };
  const { fold } = config;
  const splits = options.splits ?? (fold ? ['val', 'test'] : ['val']);
  const chosen = chosenEpoch(record, history, config);
  reporter.line(`Chosen: stage ${chosen.stage + 1}, epoch ${chosen.epoch + 1}. ${chosen.reason}`);

  const { dataset } = record;
  const measurements: Measurement[] = [];
  const pool = await WorkerPool.create(backend);
  try {
    for (const split of splits) {
      const models = [{ ...model, name: RUN_FILES.best }];
      const root = roots[dataset];
      const part = { models, dataset, root, split, fold, backend, reporter };
      measurements.push(...(await measureIn(pool, part)));
    }
  } finally {
    await pool.close();
  }
  const evaluations = measurements.map(({ evaluation }) => evaluation);
  const { labels } = evaluations[0]!;
  const metrics: RunMetrics = {
    formatVersion: RESULTS_VERSION,
    kind: 'run',
    name: basename(runFolder),
    config,
    origins: originsOf(lineageOf(model.meta)),
    backend: backend.name,
    workers: backend.workers,
    labels,
    history,
    chosen,
    evaluations,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
    provenance: provenance(),
  };
  const predictions: RunPredictions = {
    formatVersion: RESULTS_VERSION,
    kind: 'predictions',
    labels,
    sets: measurements.map(({ evaluation, predictions: found }) => ({
      dataset: evaluation.dataset,
      split: evaluation.split,
      predictions: found,
    })),
  };
  await writeJson(join(runFolder, RESULT_FILES.predictions), predictions);
  await writeJson(join(runFolder, RESULT_FILES.metrics), metrics);
  return metrics;
}
