import type { TrainingConfig } from './config.js';
import type { DatasetName } from './datasets/dataset.js';
import { labelsOf } from './datasets/label-sets.js';

/**
 * What a network learns: `expression`, one of the labels of an image; `attributes`, each of the
 * labels holds or does not.
 */
export type Task = 'expression' | 'attributes';

/** What a set is labelled for. */
export function taskOfSet(name: DatasetName): Task {
  return name === 'celeba' ? 'attributes' : 'expression';
}

/** What a run learns; all its stages learn the same. */
export function taskOf({ stages }: Pick<TrainingConfig, 'stages'>): Task {
  return taskOfSet(stages[0]!.dataset);
}

/** K, the outputs of a run's network. */
export function outputsOf({ stages }: Pick<TrainingConfig, 'stages'>): number {
  return labelsOf(stages[0]!.dataset).length;
}
