import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import type { NamedArray, NetworkConfig } from 'emotion-cam/network';
import { ancestorsOf, lineageOf, type Ancestor } from './checkpoint.js';
import type { TrainingConfig } from './config.js';
import { labelsOf, requireLabels } from './datasets/label-sets.js';
import { TrainerError } from './errors.js';
import { modelOfCheckpoint, modelOfFolder, type EvaluatedModel } from './model-source.js';

/** The network that a run learns from beside the labels. */
export interface Teacher {
  readonly network: NetworkConfig;
  /** Folded. */
  readonly weights: readonly NamedArray[];
  /** Side of the images that it sees. */
  readonly imageSize: number;
  /** Of its weights. */
  readonly sha256: string;
  /** What they went through, oldest first. */
  readonly lineage: readonly Ancestor[];
}

/**
 * The teacher that a configuration names.
 *
 * @returns null where it names none
 * @throws {TrainerError} `model-missing`; `labels-differ` where it tells other classes apart; those of
 *   the readers
 */
export async function loadTeacher({
  distillation,
  stages,
}: Pick<TrainingConfig, 'distillation' | 'stages'>): Promise<Teacher | null> {
  const { teacher: path, imageSize } = distillation;
  if (path === '') return null;
  if (!existsSync(path)) {
    throw new TrainerError(
      'model-missing',
      `There is no teacher at ${path} (distillation.teacher). Expected a checkpoint ` +
        '(runs/<run>/best.ckpt) or a folder that the command export wrote.',
    );
  }
  const { lineage, ...model } = await readTeacher(path);
  const { dataset } = stages[0]!;
  requireLabels(`The teacher ${path}`, model.labels, {
    by: `the data set ${dataset}`,
    labels: labelsOf(dataset),
  });
  const hash = createHash('sha256');
  for (const { name, data } of model.weights) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return {
    network: model.network,
    weights: model.weights,
    imageSize: imageSize > 0 ? imageSize : model.imageSize,
    sha256: hash.digest('hex'),
    lineage,
  };
}

async function readTeacher(
  path: string,
): Promise<EvaluatedModel & { readonly lineage: readonly Ancestor[] }> {
  if (statSync(path).isDirectory()) {
    const model = await modelOfFolder(path);
    const { runs = [] } = model.manifest.training as { runs?: readonly Ancestor[] };
    return { ...model, lineage: ancestorsOf(runs) };
  }
  const model = await modelOfCheckpoint(path);
  return { ...model, lineage: lineageOf(model.meta) };
}
