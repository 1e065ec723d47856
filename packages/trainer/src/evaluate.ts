import { CLASS_COUNT } from 'emotion-cam/network';
import type { BackendChoice } from './backend.js';
import type { DatasetName, Split } from './datasets/dataset.js';
import { labelsOf, requireLabels } from './datasets/label-sets.js';
import type { FoldConfig } from './folds.js';
import { loadSplit, type DataSource, type LoadedSplit } from './load-split.js';
import { computeMetrics, type Metrics } from './metrics.js';
import type { EvaluatedModel } from './model-source.js';
import { softmaxRows } from './probabilities.js';
import type { Reporter } from './reporter.js';
import type { Prediction } from './results.js';
import { WorkerPool } from './worker-pool.js';

/** What an evaluation needs. */
export interface EvaluateOptions {
  readonly models: readonly EvaluatedModel[];
  readonly dataset: DatasetName;
  readonly root: string | undefined;
  readonly split: Split;
  /** The fold of the checkpoint that is measured: its parts are the splits of its set. */
  readonly fold?: FoldConfig | null;
  /** Measures the mean of the logits of each image and of its mirror image. */
  readonly isFlipped?: boolean;
  readonly backend: BackendChoice;
  readonly reporter: Reporter;
}

/** Metrics of one model, and what they were measured on; plain JSON. */
export interface Evaluation extends Metrics {
  readonly model: string;
  readonly dataset: DatasetName;
  readonly split: Split;
  /** Side of the network's input in pixels. */
  readonly imageSize: number;
  /** Whether it is the mean of the logits of each image and of its mirror image. */
  readonly isFlipped: boolean;
  readonly temperature: number;
  /** Images that could not be decoded; they are in no other number. */
  readonly unreadable: number;
  readonly backend: string;
}

/** An evaluation and what it was computed from. */
export interface Measurement {
  readonly evaluation: Evaluation;
  /** In the order of the split, without the images that could not be decoded. */
  readonly predictions: readonly Prediction[];
  /** Scores before temperature and softmax, [N,K]; not rounded. */
  readonly logits: Float32Array;
}

/** Probabilities in `predictions.json` have this many digits: enough to compute every metric again. */
const PROBABILITY_DIGITS = 5;

/** What {@link measure} finds, without the single predictions. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation[]> {
  return (await measure(options)).map(({ evaluation }) => evaluation);
}

/**
 * {@link measureIn} with workers of its own.
 *
 * @throws {TrainerError} as `measureIn` does
 */
export async function measure(options: EvaluateOptions): Promise<Measurement[]> {
  requireFittingLabels(options); // before workers are started in vain
  const pool = await WorkerPool.create(options.backend);
  try {
    return await measureIn(pool, options);
  } finally {
    await pool.close();
  }
}

/**
 * Measures models on one split, each image as the canonical frame at the model's input size. The
 * images are decoded once for all models.
 *
 * @throws {TrainerError} `labels-differ`; those of the data set's reader
 */
export async function measureIn(
  pool: WorkerPool,
  options: EvaluateOptions,
): Promise<Measurement[]> {
  requireFittingLabels(options);
  const loaded = await loadSplit(pool, sourceOf(options), options.split);
  const measurements: Measurement[] = [];
  for (const model of options.models) {
    const { name, imageSize } = model;
    options.reporter.line(
      `Measuring ${name} on ${loaded.labels.length} images at ${imageSize}x${imageSize} …`,
    );
    measurements.push(await measureLoaded(pool, loaded, model, options));
  }
  await pool.dropImages(loaded.slot);
  return measurements;
}

/** Where the images of an evaluation come from. */
export function sourceOf({
  dataset,
  root,
  fold = null,
  reporter,
}: Pick<EvaluateOptions, 'dataset' | 'root' | 'fold' | 'reporter'>): DataSource {
  return { name: dataset, root, useVotes: false, fold, reporter };
}

/** Measures one model on images that the workers hold. */
export async function measureLoaded(
  pool: WorkerPool,
  { slot, ids, groups, labels, labelNames, unreadable, split }: LoadedSplit,
  model: EvaluatedModel,
  options: Pick<EvaluateOptions, 'dataset' | 'isFlipped' | 'backend' | 'reporter'>,
): Promise<Measurement> {
  const { dataset, isFlipped = false, backend, reporter } = options;
  const { name, imageSize, temperature } = model;
  const logits = await pool.evaluate(slot, labels.length, model, {
    imageSize,
    isFlipped,
    onProgress: (done, total) => {
      reporter.progress('images', done, total, {});
    },
  });
  reporter.progressDone();
  const probabilities = softmaxRows(logits, CLASS_COUNT, temperature);
  return {
    evaluation: {
      model: name,
      dataset,
      split,
      imageSize,
      isFlipped,
      temperature,
      backend: backend.name,
      unreadable,
      ...computeMetrics(labels, probabilities, labelNames),
    },
    logits,
    predictions: ids.map((id, row) => ({
      id,
      group: groups[row]!,
      truth: labels[row]!,
      probabilities: Array.from(
        probabilities.subarray(row * CLASS_COUNT, (row + 1) * CLASS_COUNT),
        (share) => Number(share.toFixed(PROBABILITY_DIGITS)),
      ),
    })),
  };
}

function requireFittingLabels({ models, dataset }: EvaluateOptions): void {
  for (const { name, labels } of models) {
    const wanted = { by: `the data set ${dataset}`, labels: labelsOf(dataset) };
    requireLabels(`The model ${name}`, labels, wanted);
  }
}
