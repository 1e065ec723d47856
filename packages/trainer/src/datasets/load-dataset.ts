import { TrainerError } from '../errors.js';
import { openCelebA } from './celeba.js';
import { openCkPlus } from './ck-plus.js';
import {
  DATASET_NAMES,
  SPLITS,
  type Dataset,
  type DatasetName,
  type OpenedSet,
  type Split,
} from './dataset.js';
import { openFer2013 } from './fer2013.js';
import { openFerPlus } from './ferplus.js';
import { openFolder } from './folder.js';
import { labelsOf } from './label-sets.js';
import { expectedLayout, requireRoot } from './layout.js';
import { openRafDb } from './raf-db.js';

const READERS: Readonly<Record<DatasetName, (root: string) => Promise<OpenedSet>>> = {
  'raf-db': openRafDb,
  ferplus: openFerPlus,
  fer2013: openFer2013,
  'ck-plus': (root) => openCkPlus(root, 'ck-plus'),
  'ck-plus-basic': (root) => openCkPlus(root, 'ck-plus-basic'),
  folder: openFolder,
  celeba: openCelebA,
};

/** Splits of one set; what is read and hashed for one serves the others. */
export interface SplitReader {
  /** The splits that the set has; the images of `test` may still be missing. */
  readonly splits: readonly Split[];
  /**
   * @throws {TrainerError} `dataset-split` (the set has no such split), `dataset-layout` (none of
   *   the images that are labelled), `dataset-labels` (a label that cannot be read) or
   *   `dataset-empty` (nothing is left in the split)
   */
  readonly read: (split: Split) => Promise<Dataset>;
}

/**
 * Opens a set in its official layout ({@link expectedLayout}).
 *
 * @param root - the folder that holds it
 * @throws {TrainerError} `dataset-unknown`, `dataset-missing` (no such folder), `dataset-layout` (no
 *   label file) or `dataset-labels` (a label that cannot be read)
 */
export async function openSet(name: DatasetName, root: string): Promise<SplitReader> {
  if (!DATASET_NAMES.includes(name)) {
    throw new TrainerError(
      'dataset-unknown',
      `There is no data set "${name}". Known: ${DATASET_NAMES.join(', ')}.`,
    );
  }
  await requireRoot(name, root);
  const { splits, split: samplesOf, layout, frame } = await READERS[name](root);
  const read = async (split: Split): Promise<Dataset> => {
    if (!splits.includes(split)) {
      throw new TrainerError(
        'dataset-split',
        `${name} in ${root} has no split "${split}". It has ${splits.join(', ')}.`,
      );
    }
    const { samples, dropped } = await samplesOf(split);
    if (samples.length === 0) {
      const reasons = Object.entries(dropped).map(([why, count]) => `${count} ${why}`);
      throw new TrainerError(
        'dataset-empty',
        `The split "${split}" of ${name} in ${root} holds no image` +
          `${reasons.length > 0 ? ` (left out: ${reasons.join(', ')})` : ''}. ` +
          expectedLayout(name),
      );
    }
    return { name, split, layout, labels: labelsOf(name), frame, samples, dropped };
  };
  return { splits: SPLITS.filter((split) => splits.includes(split)), read };
}

/**
 * One split of a set; see {@link openSet}.
 *
 * @throws {TrainerError} as `openSet` and `read` do
 */
export async function openDataset(name: DatasetName, root: string, split: Split): Promise<Dataset> {
  return (await openSet(name, root)).read(split);
}
