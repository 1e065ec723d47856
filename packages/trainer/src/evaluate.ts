import { CLASS_COUNT } from 'emotion-cam/network';
import type { BackendChoice } from './backend.js';
import type { DatasetName, Split } from './datasets/dataset.js';
import { loadSplit } from './load-split.js';
import { computeMetrics, type Metrics } from './metrics.js';
import type { EvaluatedModel } from './model-source.js';
import { softmaxRows } from './probabilities.js';
import type { Reporter } from './reporter.js';
import { WorkerPool } from './worker-pool.js';

/** What an evaluation needs. */
export interface EvaluateOptions {
  readonly models: readonly EvaluatedModel[];
  readonly dataset: DatasetName;
  readonly root: string | undefined;
  readonly split: Split;
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
  readonly temperature: number;
  /** Images that could not be decoded; they are in no other number. */
  readonly unreadable: number;
  readonly backend: string;
}

/**
 * Measures models on one split, each image as the canonical frame at the model's input size. The
 * images are decoded once for all models.
 *
 * @throws {TrainerError} of the data set's reader
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation[]> {
  const { models, dataset, root, split, backend, reporter } = options;
  const pool = await WorkerPool.create(backend);
  try {
    const source = { name: dataset, root, useVotes: false, reporter };
    const { slot, labels, unreadable } = await loadSplit(pool, source, split);
    const evaluations: Evaluation[] = [];
    for (const model of models) {
      const { name, imageSize, temperature } = model;
      reporter.line(`Measuring ${name} on ${labels.length} images at ${imageSize}x${imageSize} …`);
      const logits = await pool.evaluate(slot, labels.length, model, imageSize, (done, total) => {
        reporter.progress('images', done, total, {});
      });
      reporter.progressDone();
      evaluations.push({
        model: name,
        dataset,
        split,
        imageSize,
        temperature,
        backend: backend.name,
        unreadable,
        ...computeMetrics(labels, softmaxRows(logits, CLASS_COUNT, temperature)),
      });
    }
    return evaluations;
  } finally {
    await pool.close();
  }
}
