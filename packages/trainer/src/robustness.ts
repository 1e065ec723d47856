import { concurrentMap } from './datasets/concurrent-map.js';
import { allocateBlocks, imageAt } from './datasets/image-blocks.js';
import { measureLoaded, sourceOf, type Evaluation, type EvaluateOptions } from './evaluate.js';
import { loadSplit } from './load-split.js';
import type { EvaluatedModel } from './model-source.js';
import { percent } from './percent.js';
import { perturb, PERTURBATION_NAMES, PERTURBATIONS, type Perturbation } from './perturbations.js';
import { WorkerPool } from './worker-pool.js';
import type { SharedImages } from './worker-protocol.js';

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

/** Images that are changed at the same time. */
const CONCURRENCY = 8;

/**
 * Measures one model under every kind of change of the images, which are decoded once. Faces are not
 * aligned again after the change: a rolled face reaches the network rolled.
 *
 * @param unchanged - the model's evaluation on the same split
 */
export async function measureRobustness(
  model: EvaluatedModel,
  unchanged: Evaluation,
  options: Omit<EvaluateOptions, 'models'>,
): Promise<Robustness> {
  const rows: RobustnessRow[] = [];
  const pool = await WorkerPool.create(options.backend);
  try {
    const loaded = await loadSplit(pool, sourceOf(options), options.split);
    const images = loaded.labels.length;
    const { imageBytes } = loaded.images.pixels;
    const changed = { ...loaded.images, pixels: allocateBlocks(images, imageBytes) };
    const slot = `${loaded.slot}, changed`;
    await pool.setImages(slot, changed);
    for (const perturbation of PERTURBATIONS) {
      options.reporter.line(`Measuring again: ${PERTURBATION_NAMES[perturbation]} …`);
      await change(loaded.images, images, perturbation, changed);
      const { evaluation } = await measureLoaded(pool, { ...loaded, slot }, model, options);
      const { accuracy, meanClassAccuracy } = evaluation;
      rows.push({ perturbation, accuracy, meanClassAccuracy, drop: unchanged.accuracy - accuracy });
    }
  } finally {
    await pool.close();
  }
  const { dataset, split, count, accuracy } = unchanged;
  return { dataset, split, count, accuracy, rows };
}

/** Writes every image, changed, into the memory of `to`, which the workers read. */
async function change(
  { pixels, width, height }: SharedImages,
  count: number,
  perturbation: Perturbation,
  to: SharedImages,
): Promise<void> {
  const indices = Array.from({ length: count }, (_, index) => index);
  await concurrentMap(indices, CONCURRENCY, async (index) => {
    const image = { width, height, channels: 3, data: imageAt(pixels, index) } as const;
    imageAt(to.pixels, index).set((await perturb(image, perturbation)).data);
  });
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
