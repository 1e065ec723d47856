import { CLASS_COUNT } from 'emotion-cam/network';
import type { BackendChoice } from './backend.js';
import type { DatasetName, Split } from './datasets/dataset.js';
import { labelsOf, requireLabels } from './datasets/label-sets.js';
import type { FoldConfig } from './folds.js';
import type { RgbImage } from './image.js';
import { loadSplit } from './load-split.js';
import { computeMetrics, type Metrics } from './metrics.js';
import type { EvaluatedModel } from './model-source.js';
import { perturb, type Perturbation } from './perturbations.js';
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
  /** Changes the images first. */
  readonly perturbation?: Perturbation;
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
  const { models, dataset, root, split, fold = null, isFlipped = false } = options;
  const { perturbation, backend, reporter } = options;
  requireFittingLabels(options);
  const source = {
    name: dataset,
    root,
    useVotes: false,
    fold,
    reporter,
    ...(perturbation && { change: (image: RgbImage) => perturb(image, perturbation) }),
  };
  const loaded = await loadSplit(pool, source, split);
  const { slot, ids, groups, labels, labelNames, unreadable } = loaded;
  const measurements: Measurement[] = [];
  for (const model of models) {
    const { name, imageSize, temperature } = model;
    reporter.line(`Measuring ${name} on ${labels.length} images at ${imageSize}x${imageSize} …`);
    const logits = await pool.evaluate(slot, labels.length, model, {
      imageSize,
      isFlipped,
      onProgress: (done, total) => {
        reporter.progress('images', done, total, {});
      },
    });
    reporter.progressDone();
    const probabilities = softmaxRows(logits, CLASS_COUNT, temperature);
    measurements.push({
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
    });
  }
  await pool.dropImages(slot);
  return measurements;
}

function requireFittingLabels({ models, dataset }: EvaluateOptions): void {
  for (const { name, labels } of models) {
    const wanted = { by: `the data set ${dataset}`, labels: labelsOf(dataset) };
    requireLabels(`The model ${name}`, labels, wanted);
  }
}
