import type { Crop, ImageSource } from '../image.js';

/** One labelled image of a set. */
export interface Sample {
  /** Name of the image within its set, for example `train_00001`. */
  readonly id: string;
  /** Where its pixels are. */
  readonly source: ImageSource;
  /** The part of them that is the image; the whole where missing. */
  readonly crop?: Crop;
  /** Index into the set's labels; 0 in a set of attributes. */
  readonly label: number;
  /** 0 or 1 for each of the set's labels: which of them hold. Only sets of attributes have it. */
  readonly attributes?: Uint8Array;
  /** Share of the votes for each of the labels, sum 1; only FER+ has votes. */
  readonly distribution?: readonly number[];
  /** SHA-256 of the image's content, in hexadecimal; `undefined` where it cannot be read. */
  readonly hash: string | undefined;
  /** Samples of one group must stay on one side of a split: a subject, or equal contents. */
  readonly group: string;
}

/**
 * How a set frames a face, against the canonical face of `CANONICAL_EYES`. The position u of the
 * canonical crop (0..1 along a side) shows the position
 *
 *     0.5 + shift + scale * (u - 0.5)
 *
 * of the set's image, in units of the image's side, for x with `shiftX` and for y with `shiftY`.
 * What lies beyond the image repeats its edge.
 */
export interface FrameCorrection {
  /** Side of the canonical crop in units of the image's side; below 1 where the set frames wider. */
  readonly scale: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/** The sets that are labelled with expressions, by their names on the command line. */
export const EXPRESSION_SETS = [
  'raf-db',
  'ferplus',
  'fer2013',
  'ck-plus',
  'ck-plus-basic',
  'folder',
] as const;

/** Every set the trainer reads; `celeba` has attributes, to pre-train on. */
export const DATASET_NAMES: readonly [...typeof EXPRESSION_SETS, 'celeba'] = [
  ...EXPRESSION_SETS,
  'celeba',
];
export type DatasetName = (typeof DATASET_NAMES)[number];

/**
 * `train`, `val` and `val2` never share a group; `val` chooses and `val2`, where a set has it,
 * confirms the choice. `train-all` is all three together; `test` is the set's official test split.
 */
export const SPLITS = ['train', 'val', 'val2', 'test', 'train-all'] as const;
export type Split = (typeof SPLITS)[number];

/** The images of one split, and what was left out. */
export interface SplitSamples {
  readonly samples: readonly Sample[];
  /** Images that the label file names but the split leaves out, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** One split of a set. */
export interface Dataset extends SplitSamples {
  readonly name: DatasetName;
  readonly split: Split;
  /** Which of the layouts of the set was found, for people. */
  readonly layout: string;
  /** Names of the classes or attributes, in the order of the network's outputs. */
  readonly labels: readonly string[];
  readonly frame: FrameCorrection;
}

/** What a reader finds in a folder: the labels are read, the splits are made on demand. */
export interface OpenedSet {
  readonly layout: string;
  readonly frame: FrameCorrection;
  /** The splits that the set has. */
  readonly splits: readonly Split[];
  /** What is read and hashed for one split serves the others. */
  readonly split: (split: Split) => SplitSamples | Promise<SplitSamples>;
}
