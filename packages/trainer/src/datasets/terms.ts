import type { DatasetName } from './dataset.js';

/** Under which terms each set was used; model cards quote it. */
export const DATASET_TERMS: Readonly<Record<DatasetName, string>> = {
  'raf-db': 'non-commercial research only, no redistribution',
  ferplus: 'votes MIT; FER2013 images without a clear licence: research only',
  fer2013: 'images without a clear licence: research only',
  'ck-plus': 'research only',
  'ck-plus-basic': 'research only',
  folder: 'the terms of whoever owns the images',
  celeba: 'non-commercial research only, no redistribution',
};
