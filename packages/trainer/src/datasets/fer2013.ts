import type { OpenedSet } from './dataset.js';
import { FER_SPLITS, ferSplit } from './fer-parts.js';
import { FER2013_FILE, fer2013Table } from './fer2013-csv.js';
import { FER_FRAME } from './ferplus.js';

/**
 * FER2013 with its original seven labels, from its table alone; splits by {@link ferSplit}.
 *
 * @param root - the folder that holds `fer2013.csv`
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function openFer2013(root: string): Promise<OpenedSet> {
  const parts = await fer2013Table(root);
  return {
    layout: FER2013_FILE,
    frame: FER_FRAME,
    splits: FER_SPLITS,
    split: (split) => ferSplit(parts, split),
  };
}
