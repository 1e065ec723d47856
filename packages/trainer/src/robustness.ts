import { measureIn, type Evaluation, type EvaluateOptions } from './evaluate.js';
import type { EvaluatedModel } from './model-source.js';
import { percent } from './percent.js';
import { PERTURBATION_NAMES, PERTURBATIONS, type Perturbation } from './perturbations.js';
import { WorkerPool } from './worker-pool.js';

/** Accuracy of a model on changed images beside that on the same images unchanged; plain JSON. */
export interface Robustness {
  readonly dataset: string;
  readonly split: string;
  readonly count: number;
  /** On the unchanged images. */
  readonly accuracy: number;
  readonly rows: readonly RobustnessRow[];
}

/** One kind of change. */
export interface RobustnessRow {
  readonly perturbation: Perturbation;
  readonly accuracy: number;
  readonly meanClassAccuracy: number;
  /** Accuracy on the unchanged images less that on the changed ones. */
  readonly drop: number;
}

/**
 * Measures one model under every kind of change of the images. Faces are not aligned again after the
 * change: a rolled face reaches the network rolled.
 *
 * @param unchanged - the model's evaluation on the same split
 */
export async function measureRobustness(
  model: EvaluatedModel,
  unchanged: Evaluation,
  options: Omit<EvaluateOptions, 'models' | 'perturbation'>,
): Promise<Robustness> {
  const rows: RobustnessRow[] = [];
  const pool = await WorkerPool.create(options.backend);
  try {
    for (const perturbation of PERTURBATIONS) {
      const [measured] = await measureIn(pool, { ...options, models: [model], perturbation });
      const { accuracy, meanClassAccuracy } = measured!.evaluation;
      rows.push({ perturbation, accuracy, meanClassAccuracy, drop: unchanged.accuracy - accuracy });
    }
  } finally {
    await pool.close();
  }
  const { dataset, split, count, accuracy } = unchanged;
  return { dataset, split, count, accuracy, rows };
}

/** The table for the console. */
export function formatRobustness({ accuracy, count, rows }: Robustness): string {
  const lines = rows.map(
    (row) =>
      `${PERTURBATION_NAMES[row.perturbation].padEnd(42)} ${percent(row.accuracy).padStart(7)}` +
      `  ${percent(row.drop).padStart(7)} lost  ${percent(row.meanClassAccuracy).padStart(7)} mean class`,
  );
  return [
    `${`unchanged, ${count} images`.padEnd(42)} ${percent(accuracy).padStart(7)}`,
    ...lines,
  ].join('\n');
}
