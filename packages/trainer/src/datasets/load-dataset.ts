import { TrainerError } from '../errors.js';
import { readCkPlus } from './ck-plus.js';
import { DATASET_NAMES, type Dataset, type DatasetName, type Split } from './dataset.js';
import { readFerPlus } from './ferplus.js';
import { expectedLayout, requireRoot } from './layout.js';
import { readRafDb } from './raf-db.js';

const READERS: Readonly<Record<DatasetName, (root: string, split: Split) => Promise<Dataset>>> = {
  'raf-db': readRafDb,
  ferplus: readFerPlus,
  'ck-plus': readCkPlus,
};

/**
 * Reads the labels of one split of a set; the images are decoded later.
 *
 * @param root - the folder that holds the set in its official layout: `basic/` (RAF-DB),
 *   `FER2013Train/` … (FER+) or `CK+48/` (CK+)
 * @throws {TrainerError} `dataset-unknown`, `dataset-missing` (no such folder), `dataset-layout` (no
 *   label file, or none of the images it names), `dataset-labels` (a line that cannot be read),
 *   `dataset-split` (the set has no such split) or `dataset-empty` (nothing is left in the split)
 */
export async function openDataset(name: DatasetName, root: string, split: Split): Promise<Dataset> {
  if (!DATASET_NAMES.includes(name)) {
    throw new TrainerError(
      'dataset-unknown',
      `There is no data set "${name}". Known: ${DATASET_NAMES.join(', ')}.`,
    );
  }
  await requireRoot(name, root);
  const dataset = await READERS[name](root, split);
  if (dataset.samples.length === 0) {
    const dropped = Object.entries(dataset.dropped).map(([why, count]) => `${count} ${why}`);
    throw new TrainerError(
      'dataset-empty',
      `The split "${split}" of ${name} in ${root} holds no image` +
        `${dropped.length > 0 ? ` (left out: ${dropped.join(', ')})` : ''}. ` +
        expectedLayout(name),
    );
  }
  return dataset;
}
