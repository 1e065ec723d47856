import { join } from 'node:path';
import { EMOTIONS, type Emotion } from 'emotion-cam/network';
import { createRng } from '../rng.js';
import { contentHashes } from './content-hash.js';
import type { Dataset, FrameCorrection, Sample, Split } from './dataset.js';
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

/** Share of the training split that is held out for validation. */
const VALIDATION_SHARE = 0.1;

/** Never changes: figures of different runs are comparable because the held-out tenth is the same. */
const VALIDATION_SEED = 20240501;

/**
 * RAF-DB, basic expressions, aligned images of 100x100. `train` and `test` are official, by the
 * prefix of the file name; `val` is a stratified tenth of the official training split, and `train`
 * then the other nine tenths. Images with equal content stay on one side.
 *
 * @param root - the folder that holds `basic/`
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function readRafDb(root: string, split: Split): Promise<Dataset> {
  const labelFile = join(root, 'basic', 'EmoLabel', 'list_patition_label.txt');
  const imageFolder = join(root, 'basic', 'Image', 'aligned');
  const prefix = split === 'test' ? 'test_' : 'train_';

  const labelled: Omit<Sample, 'group'>[] = [];
  for (const line of await readLabelLines('raf-db', labelFile)) {
    const [, id, number] = /^((?:train|test)_\w+)\.jpg\s+(\d+)$/.exec(line.text) ?? [];
    const emotion = RAF_DB_LABELS[number ?? ''];
    if (!id || !emotion) {
      throw labelError(labelFile, line, '"train_00001.jpg 5" with a label from 1 to 7');
    }
    if (!id.startsWith(prefix)) continue;
    const path = join(imageFolder, `${id}_aligned.jpg`);
    labelled.push({ id, path, label: EMOTIONS.indexOf(emotion) });
  }

  const paths = labelled.map(({ path }) => path);
  const hashes = await contentHashes(paths);
  requireImages(
    'raf-db',
    imageFolder,
    paths,
    hashes.map((hash) => hash !== undefined),
  );
  const samples = labelled.map((sample, i) => ({ ...sample, group: hashes[i] ?? sample.id }));
  return {
    name: 'raf-db',
    split,
    samples: split === 'train' || split === 'val' ? ofSplit(samples, split) : samples,
    frame: RAF_DB_FRAME,
    dropped: {},
  };
}

/** Cuts the validation tenth off, class by class, whole groups at a time. */
function ofSplit(samples: readonly Sample[], split: 'train' | 'val'): Sample[] {
  const labelOfGroup = new Map<string, number>();
  for (const { group, label } of samples) {
    if (!labelOfGroup.has(group)) labelOfGroup.set(group, label);
  }
  const validation = new Set<string>();
  EMOTIONS.forEach((_, label) => {
    const groups = [...labelOfGroup].filter((entry) => entry[1] === label).map(([group]) => group);
    createRng(VALIDATION_SEED, label).shuffle(groups);
    for (const group of groups.slice(0, Math.round(groups.length * VALIDATION_SHARE))) {
      validation.add(group);
    }
  });
  return samples.filter(({ group }) => validation.has(group) === (split === 'val'));
}
