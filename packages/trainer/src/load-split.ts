import type { Dataset, DatasetName, Split } from './datasets/dataset.js';
import { decodeAll, type DecodedImages } from './datasets/decode-all.js';
import { fingerprintOf } from './datasets/fingerprint.js';
import { openSet } from './datasets/load-dataset.js';
import { reportOn, type InspectedSplit } from './datasets/report.js';
import { TrainerError } from './errors.js';
import { partOfFold, type FoldConfig } from './folds.js';
import type { Reporter } from './reporter.js';
import { sharedFloats, type WorkerPool } from './worker-pool.js';
import type { SharedImages } from './worker-protocol.js';

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
  readonly split: Split;
  /** The name of the images at the workers. */
  readonly slot: string;
  /** The same memory that the workers read. */
  readonly images: SharedImages;
  /** Name of each image within its set. */
  readonly ids: readonly string[];
  /** Group of each image. */
  readonly groups: readonly string[];
  /** Index into `labelNames` of each image. */
  readonly labels: readonly number[];
  /** What the network shall answer, [count,K]. */
  readonly targets: Float32Array;
  /** Names of the classes, in the order of the network's outputs. */
  readonly labelNames: readonly string[];
  /** Changes when anything of the split changes that training sees ({@link fingerprintOf}). */
  readonly fingerprint: string;
  readonly unreadable: number;
}

/**
 * Decodes splits of one set into memory that all workers share, hands them to the workers, and
 * prints the report on them. The set is read and hashed once for all splits.
 *
 * @throws {TrainerError} `argument-invalid` without a root; those of `openSet` and of its `read`
 */
export async function loadSplits(
  pool: WorkerPool,
  source: DataSource,
  splits: readonly Split[],
): Promise<LoadedSplit[]> {
  const { name, root, reporter } = source;
  if (root === undefined) {
    throw new TrainerError(
      'argument-invalid',
      `The data set ${name} is needed. Say where it is with --root ${name}=<folder>.`,
    );
  }
  const began = Date.now();
  const loaded: LoadedSplit[] = [];
  const inspected: InspectedSplit[] = [];
  for (const dataset of await openParts(source, root, splits)) {
    const decoded = await decodeAll(dataset.samples, {
      onProgress: reporter.progressOf(`decoding ${name} ${dataset.split}`),
    });
    reporter.progressDone();
    loaded.push(await handOut(pool, dataset, decoded, source.useVotes));
    inspected.push({ dataset, unreadable: decoded.unreadable, sizes: decoded.sizes });
  }
  reporter.dataset(reportOn(inspected, (Date.now() - began) / 1000));
  return loaded;
}

/** One split; see {@link loadSplits}. */
export async function loadSplit(
  pool: WorkerPool,
  source: DataSource,
  split: Split,
): Promise<LoadedSplit> {
  const [loaded] = await loadSplits(pool, source, [split]);
  return loaded!;
}

/** Splits of a set: its own, or a fold's. */
async function openParts(
  { name, fold }: DataSource,
  root: string,
  splits: readonly Split[],
): Promise<Dataset[]> {
  const set = await openSet(name, root);
  const parts: Dataset[] = [];
  for (const split of splits) {
    if (fold?.dataset !== name) {
      parts.push(await set.read(split));
    } else {
      if (split === 'val2') {
        throw new TrainerError(
          'dataset-split',
          `A fold of ${name} has no split "val2". It has train, val, test and train-all.`,
        );
      }
      const whole = await set.read('train-all');
      parts.push({ ...whole, split, samples: partOfFold(whole.samples, fold, split) });
    }
  }
  return parts;
}

/** Gives the workers a split's images and targets. */
async function handOut(
  pool: WorkerPool,
  dataset: Dataset,
  { pixels, width, height, kept, unreadable }: DecodedImages,
  useVotes: boolean,
): Promise<LoadedSplit> {
  const { name, split, labels, frame } = dataset;
  const targets = sharedFloats(kept.length * labels.length);
  kept.forEach(({ label, distribution, attributes }, index) => {
    const row = index * labels.length;
    if (attributes) targets.set(attributes, row);
    else if (useVotes && distribution) targets.set(distribution, row);
    else targets[row + label] = 1;
  });
  const slot = `${name}/${split}`;
  const images = { pixels, width, height, frame, targets };
  await pool.setImages(slot, images);
  return {
    split,
    slot,
    images,
    ids: kept.map((sample) => sample.id),
    groups: kept.map((sample) => sample.group),
    labels: kept.map((sample) => sample.label),
    labelNames: labels,
    targets,
    fingerprint: fingerprintOf(dataset),
    unreadable: unreadable.length,
  };
}
