import { join } from 'node:path';
import { EMOTIONS, type Emotion } from 'emotion-cam/network';
import type { ImageSource } from '../image.js';
import { createRng } from '../rng.js';
import { contentHashes } from './content-hashes.js';
import {
  SPLITS,
  type FrameCorrection,
  type OpenedSet,
  type Sample,
  type Split,
} from './dataset.js';
import { labelError, readLabelLines, requireImages } from './layout.js';

/** RAF-DB's own numbers: `train_00001.jpg 5` is sadness. */
const RAF_DB_LABELS: Readonly<Record<string, Emotion>> = {
  1: 'surprise',
  2: 'fear',
  3: 'disgust',
  4: 'happiness',
  5: 'sadness',
  6: 'anger',
  7: 'neutral',
};

/** The aligned images of RAF-DB are the canonical face. */
const RAF_DB_FRAME: FrameCorrection = { scale: 1, shiftX: 0, shiftY: 0 };

/** Share of the training split that is held out, twice: for validation and for confirmation. */
const HELD_OUT_SHARE = 0.1;

/** Never changes: figures of different runs are comparable because the held-out tenths are the same. */
const HELD_OUT_SEED = 20240501;

/**
 * RAF-DB, basic expressions, aligned images of 100x100. The official splits are told by the prefix
 * of the file name; `test` is the official one. `val` and `val2` are two stratified tenths of the
 * official training split and `train` is the other eight: choices are made on `val` and confirmed
 * on `val2`. Images with equal content stay on one side.
 *
 * @param root - the folder that holds `basic/`
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function openRafDb(root: string): Promise<OpenedSet> {
  const labelFile = join(root, 'basic', 'EmoLabel', 'list_patition_label.txt');
  const imageFolder = join(root, 'basic', 'Image', 'aligned');
  const labelled = { train: [] as Labelled[], test: [] as Labelled[] };
  for (const line of await readLabelLines('raf-db', labelFile)) {
    const [, id, part, number] = /^((train|test)_\w+)\.jpg\s+(\d+)$/.exec(line.text) ?? [];
    const emotion = RAF_DB_LABELS[number ?? ''];
    if (!id || !emotion) {
      throw labelError(labelFile, line, '"train_00001.jpg 5" with a label from 1 to 7');
    }
    labelled[part as 'train' | 'test'].push({
      id,
      source: { kind: 'file', path: join(imageFolder, `${id}_aligned.jpg`) },
      label: EMOTIONS.indexOf(emotion),
    });
  }

  const hashed = async (images: readonly Labelled[]): Promise<Sample[]> => {
    const hashes = await contentHashes(images.map(({ source }) => source));
    requireImages('raf-db', imageFolder, images, hashes);
    return images.map((image, i) => ({ ...image, hash: hashes[i], group: hashes[i] ?? image.id }));
  };
  let official: Promise<Sample[]> | undefined; // hashed once for train, val and val2
  const split = async (name: Split): Promise<Sample[]> => {
    if (name === 'test') return hashed(labelled.test);
    official ??= hashed(labelled.train);
    const samples = await official;
    return name === 'train-all' ? samples : ofSplit(samples, name);
  };
  return {
    layout: 'basic/, aligned',
    frame: RAF_DB_FRAME,
    splits: SPLITS,
    split: async (name) => ({ samples: await split(name), dropped: {} }),
  };
}

type Labelled = Pick<Sample, 'id' | 'label'> & {
  readonly source: Extract<ImageSource, { kind: 'file' }>;
};

/** Cuts the held-out tenths off, class by class, whole groups at a time. */
function ofSplit(samples: readonly Sample[], split: 'train' | 'val' | 'val2'): Sample[] {
  const labelOfGroup = new Map<string, number>();
  for (const { group, label } of samples) {
    if (!labelOfGroup.has(group)) labelOfGroup.set(group, label);
  }
  const heldOut = new Map<string, 'val' | 'val2'>();
  EMOTIONS.forEach((_, label) => {
    const groups = [...labelOfGroup].filter((entry) => entry[1] === label).map(([group]) => group);
    createRng(HELD_OUT_SEED, label).shuffle(groups);
    const tenth = Math.round(groups.length * HELD_OUT_SHARE);
    for (const group of groups.slice(0, tenth)) heldOut.set(group, 'val');
    for (const group of groups.slice(tenth, 2 * tenth)) heldOut.set(group, 'val2');
  });
  return samples.filter(({ group }) => (heldOut.get(group) ?? 'train') === split);
}
