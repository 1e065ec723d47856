import { basename, join } from 'node:path';
import { multiLabelMetrics, type AttributeMetrics } from './attribute-metrics.js';
import { lineageOf } from './checkpoint.js';
import { originsOf } from './origins.js';
import { loadSplit } from './load-split.js';
import { modelOfCheckpoint } from './model-source.js';
import { percent } from './percent.js';
import { provenance } from './provenance.js';
import { RESULT_FILES, RESULTS_VERSION, type PretrainingMetrics } from './results.js';
import { RUN_FILES } from './run-folder.js';
import type { RunResultsOptions } from './run-results.js';
import { chosenEpoch } from './selection.js';
import type { EpochRecord } from './train.js';
import { WorkerPool } from './worker-pool.js';
import { writeJson } from './write-json.js';

/**
 * Measures the chosen epoch of a finished pre-training on attributes (`best.ckpt`) on the validation
 * split and writes `metrics.json` into its folder.
 *
 * @throws {TrainerError} `checkpoint-missing`, `checkpoint-corrupt`; those of the data set's reader
 */
export async function writePretrainingResults(
  options: Omit<RunResultsOptions, 'splits'>,
): Promise<PretrainingMetrics> {
  const { runFolder, roots, history, backend, reporter } = options;
  const model = await modelOfCheckpoint(join(runFolder, RUN_FILES.best));
  const { config, progress } = model.meta;
  const { record } = progress as { record: EpochRecord };
  const chosen = chosenEpoch(record, history, config);
  reporter.line(`Chosen: stage ${chosen.stage + 1}, epoch ${chosen.epoch + 1}. ${chosen.reason}`);

  const { dataset } = record;
  const { imageSize } = model;
  const { fold } = config;
  const pool = await WorkerPool.create(backend);
  try {
    const source = { name: dataset, root: roots[dataset], useVotes: false, fold, reporter };
    const { slot, labels, labelNames, targets, unreadable } = await loadSplit(pool, source, 'val');
    const logits = await pool.evaluate(slot, labels.length, model, { imageSize });
    const metrics: PretrainingMetrics = {
      formatVersion: RESULTS_VERSION,
      kind: 'pretraining',
      name: basename(runFolder),
      config,
      origins: originsOf(lineageOf(model.meta)),
      backend: backend.name,
      workers: backend.workers,
      labels: labelNames,
      history,
      chosen,
      evaluation: {
        dataset,
        split: 'val',
        imageSize,
        unreadable,
        ...multiLabelMetrics(logits, targets, labelNames),
      },
      seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
      provenance: provenance(),
    };
    await writeJson(join(runFolder, RESULT_FILES.metrics), metrics);
    return metrics;
  } finally {
    await pool.close();
  }
}

/** A table for the console, the mean last. */
export function formatAttributes({
  evaluation: { attributes, accuracy, balancedAccuracy },
}: PretrainingMetrics): string {
  const mean = { label: 'mean', accuracy, balancedAccuracy };
  const width = Math.max(...attributes.map(({ label }) => label.length));
  const row = (each: Omit<AttributeMetrics, 'share'> & { share?: number }): string =>
    [
      each.label.padEnd(width),
      (each.share === undefined ? '' : percent(each.share)).padStart(8),
      percent(each.accuracy).padStart(9),
      percent(each.balancedAccuracy).padStart(9),
    ].join('  ');
  const head = ['attribute'.padEnd(width), '   share', ' accuracy', ' balanced'].join('  ');
  return [head, ...attributes.map(row), row(mean)].join('\n');
}
