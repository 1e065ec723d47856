import { CLASS_COUNT } from 'emotion-cam/network';
import { summarize, type Dataset, type DatasetName, type Split } from './datasets/dataset.js';
import { decodeAll } from './datasets/decode-all.js';
import { openDataset } from './datasets/load-dataset.js';
import { TrainerError } from './errors.js';
import { partOfFold, type FoldConfig } from './folds.js';
import type { Reporter } from './reporter.js';
import { sharedFloats, type WorkerPool } from './worker-pool.js';

/** A data set, where it is, and how its labels are read. */
export interface DataSource {
  readonly name: DatasetName;
  /** Folder that holds the set; missing where the user named none. */
  readonly root: string | undefined;
  /** Use FER+'s votes as the target instead of the majority. */
  readonly useVotes: boolean;
  /** Takes the parts of this fold for the splits of its set. */
  readonly fold: FoldConfig | null;
  readonly reporter: Reporter;
}

/** A split whose images the workers hold. */
export interface LoadedSplit {
  /** The name of the images at the workers. */
  readonly slot: string;
  /** Name of each image within its set. */
  readonly ids: readonly string[];
  /** Group of each image. */
  readonly groups: readonly string[];
  /** Index into `EMOTIONS` of each image. */
  readonly labels: readonly number[];
  readonly unreadable: number;
}

/**
 * Decodes one split into memory that all workers share, and hands it to them.
 *
 * @throws {TrainerError} `argument-invalid` without a root; those of `openDataset`
 */
export async function loadSplit(
  pool: WorkerPool,
  source: DataSource,
  split: Split,
): Promise<LoadedSplit> {
  const { name, root, useVotes, reporter } = source;
  if (root === undefined) {
    throw new TrainerError(
      'argument-invalid',
      `The data set ${name} is needed. Say where it is with --root ${name}=<folder>.`,
    );
  }
  const dataset = await openPart(source, root, split);
  reporter.dataset(summarize(dataset));
  const decoded = await decodeAll(dataset.samples, {
    onProgress: (done, total) => {
      reporter.progress(`decoding ${name} ${split}`, done, total, {});
    },
  });
  reporter.progressDone();
  reporter.unreadable(decoded.unreadable);
  const targets = sharedFloats(decoded.kept.length * CLASS_COUNT);
  decoded.kept.forEach(({ label, distribution }, index) => {
    if (useVotes && distribution) targets.set(distribution, index * CLASS_COUNT);
    else targets[index * CLASS_COUNT + label] = 1;
  });
  const slot = `${name}/${split}`;
  await pool.setImages(slot, {
    pixels: new Uint8Array(decoded.pixels),
    width: decoded.width,
    height: decoded.height,
    frame: dataset.frame,
    targets,
  });
  return {
    slot,
    ids: decoded.kept.map((sample) => sample.id),
    groups: decoded.kept.map((sample) => sample.group),
    labels: decoded.kept.map((sample) => sample.label),
    unreadable: decoded.unreadable.length,
  };
}

/** A split of a set: its own, or a fold's. */
async function openPart({ name, fold }: DataSource, root: string, split: Split): Promise<Dataset> {
  if (fold?.dataset !== name) return openDataset(name, root, split);
  const whole = await openDataset(name, root, 'train-all');
  return { ...whole, split, samples: partOfFold(whole.samples, fold, split) };
}
