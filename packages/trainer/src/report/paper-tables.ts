/**
 * What the paper reports: Guo and Yang, "A channel attention and feature manipulation network for facial
 * expression recognition". Accuracies in per cent, as printed.
 */

/** One line of Table 1: 10-fold cross validation, the paper's and others' methods. */
export interface PublishedAccuracy {
  readonly method: string;
  readonly accuracy: number;
  /** CK+ with seven expressions (contempt) or six. */
  readonly expressions: 6 | 7;
  /** Measured by the paper itself. */
  readonly isPapers?: true;
}

/** The sets that the paper measures on. */
export type PaperDataset = 'ck-plus' | 'raf-db';

/** Table 1. The line of IACNN has no number for RAF-DB. */
export const TABLE_1: Readonly<Record<PaperDataset, readonly PublishedAccuracy[]>> = {
  'ck-plus': [
    { method: 'PPDN', accuracy: 97.3, expressions: 6 },
    { method: 'IACNN', accuracy: 95.37, expressions: 7 },
    { method: 'DLP-CNN', accuracy: 95.78, expressions: 6 },
    { method: 'IPA2LT', accuracy: 92.45, expressions: 7 },
    { method: 'DeRL', accuracy: 97.37, expressions: 7 },
    { method: 'FN2EN', accuracy: 98.6, expressions: 6 },
    { method: 'DDL', accuracy: 99.16, expressions: 7 },
    { method: 'Baseline (w/o ECA)', accuracy: 99.54, expressions: 7, isPapers: true },
    { method: 'FDRL-ECANet (the paper’s)', accuracy: 99.7, expressions: 7, isPapers: true },
  ],
  'raf-db': [
    { method: 'DLP-CNN', accuracy: 84.13, expressions: 7 },
    { method: 'IPA2LT', accuracy: 86.77, expressions: 7 },
    { method: 'SPDNet', accuracy: 87, expressions: 7 },
    { method: 'RAN', accuracy: 86.9, expressions: 7 },
    { method: 'SCN', accuracy: 87.01, expressions: 7 },
    { method: 'DDL', accuracy: 87.71, expressions: 7 },
    { method: 'Baseline (w/o ECA)', accuracy: 88.47, expressions: 7, isPapers: true },
    { method: 'FDRL-ECANet (the paper’s)', accuracy: 89.13, expressions: 7, isPapers: true },
  ],
};

/** Table 2 by what the network has: the ablation. */
export const TABLE_2: readonly {
  readonly attention: 'eca' | 'none';
  readonly head: 'fdrl' | 'linear';
  readonly name: string;
  readonly accuracy: Readonly<Record<PaperDataset, number>>;
}[] = [
  {
    attention: 'none',
    head: 'fdrl',
    name: 'w/o ECA (baseline)',
    accuracy: { 'ck-plus': 99.54, 'raf-db': 88.47 },
  },
  {
    attention: 'eca',
    head: 'linear',
    name: 'w/o FDRL',
    accuracy: { 'ck-plus': 93.43, 'raf-db': 83.43 },
  },
  {
    attention: 'eca',
    head: 'fdrl',
    name: 'FDRL-ECANet (proposed)',
    accuracy: { 'ck-plus': 99.7, 'raf-db': 89.13 },
  },
];

/** Where the paper contradicts its own tables. */
export const PAPER_REMARKS: Readonly<Record<PaperDataset, string>> = {
  'ck-plus': 'The text says 99.71 and 99.706 where the table says 99.70.',
  'raf-db': 'The text also says 89.17 where the table says 89.13.',
};

/** The set as the paper names it, whichever of our label sets it was read with. */
export function paperDataset(dataset: string): PaperDataset | undefined {
  if (dataset.startsWith('ck-plus')) return 'ck-plus';
  return dataset === 'raf-db' ? 'raf-db' : undefined;
}
