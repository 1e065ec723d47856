import { EMOTIONS, type Emotion } from 'emotion-cam/network';

/** One labelled image of a set. */
export interface Sample {
  /** Name of the image within its set, for example `train_00001`. */
  readonly id: string;
  /** Where the image file is. */
  readonly path: string;
  /** Index into `EMOTIONS`. */
  readonly label: number;
  /** Share of the votes for each of the `EMOTIONS`, sum 1; only FER+ has votes. */
  readonly distribution?: readonly number[];
  /** Samples of one group must stay on one side of a split: a subject, or equal file contents. */
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

/** Every set the trainer reads, by its name on the command line. */
export const DATASET_NAMES = ['raf-db', 'ferplus', 'ck-plus'] as const;
export type DatasetName = (typeof DATASET_NAMES)[number];

/**
 * `train` and `val` never share a group; `train-all` is both together; `test` is the set's official
 * test split.
 */
export const SPLITS = ['train', 'val', 'test', 'train-all'] as const;
export type Split = (typeof SPLITS)[number];

/** One split of a set. */
export interface Dataset {
  readonly name: DatasetName;
  readonly split: Split;
  readonly samples: readonly Sample[];
  readonly frame: FrameCorrection;
  /** Images that the label file names but the split leaves out, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** What a person wants to know about a split before training on it. */
export interface DatasetSummary {
  readonly name: DatasetName;
  readonly split: Split;
  readonly count: number;
  readonly groups: number;
  readonly classCounts: Readonly<Record<Emotion, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counts the split's images by class. */
export function summarize(dataset: Dataset): DatasetSummary {
  const { name, split, samples, dropped } = dataset;
  const classCounts = Object.fromEntries(
    EMOTIONS.map((emotion, label) => [
      emotion,
      samples.reduce((count, sample) => count + Number(sample.label === label), 0),
    ]),
  ) as Record<Emotion, number>;
  const groups = new Set(samples.map((sample) => sample.group)).size;
  return { name, split, count: samples.length, groups, classCounts, dropped };
}
