import { EMOTIONS } from 'emotion-cam/network';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { summarize, type Sample } from '../../src/datasets/dataset.js';
import { openDataset } from '../../src/datasets/load-dataset.js';
import { temporaryFolder, writeNoise, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

interface Entry {
  readonly name: string;
  readonly label: number;
  /** Equal seeds make equal files. */
  readonly seed: number;
}

const LABEL_FILE = ['basic', 'EmoLabel', 'list_patition_label.txt'];

/** Writes RAF-DB's official layout. */
async function rafDb(entries: readonly Entry[]): Promise<string> {
  const root = await temporaryFolder();
  const lines = entries.map(({ name, label }) => `${name}.jpg ${label}\n`);
  await writeText(join(root, ...LABEL_FILE), lines.join(''));
  for (const { name, seed } of entries) {
    await writeNoise(join(root, 'basic', 'Image', 'aligned', `${name}_aligned.jpg`), seed);
  }
  return root;
}

/** `count` different images of each of two classes. */
function twoClasses(count: number): Entry[] {
  return Array.from({ length: 2 * count }, (_, i) => ({
    name: `train_${String(i + 1).padStart(5, '0')}`,
    label: i % 2 ? 4 : 7,
    seed: i,
  }));
}

const ids = (samples: readonly Sample[]): string[] => samples.map(({ id }) => id);

describe('RAF-DB', () => {
  it('maps its seven numbers to our labels', async () => {
    const root = await rafDb(
      [1, 2, 3, 4, 5, 6, 7].map((label) => ({ name: `test_000${label}`, label, seed: label })),
    );
    const { samples } = await openDataset('raf-db', root, 'test');
    expect(samples.map(({ label }) => EMOTIONS[label])).toEqual([
      'surprise',
      'fear',
      'disgust',
      'happiness',
      'sadness',
      'anger',
      'neutral',
    ]);
    expect(samples[0]?.path).toBe(join(root, 'basic', 'Image', 'aligned', 'test_0001_aligned.jpg'));
  });

  it('keeps the official splits apart by the prefix of the name', async () => {
    const root = await rafDb([
      { name: 'train_00001', label: 4, seed: 1 },
      { name: 'test_0001', label: 4, seed: 2 },
    ]);
    expect(ids((await openDataset('raf-db', root, 'test')).samples)).toEqual(['test_0001']);
    expect(ids((await openDataset('raf-db', root, 'train-all')).samples)).toEqual(['train_00001']);
  });

  it('cuts a tenth of each class off for validation, always the same one', async () => {
    const root = await rafDb(twoClasses(20));
    const validation = await openDataset('raf-db', root, 'val');
    const train = await openDataset('raf-db', root, 'train');
    const all = await openDataset('raf-db', root, 'train-all');
    expect(summarize(validation).classCounts).toMatchObject({ neutral: 2, happiness: 2 });
    expect(summarize(train).classCounts).toMatchObject({ neutral: 18, happiness: 18 });
    expect([...ids(validation.samples), ...ids(train.samples)].sort()).toEqual(ids(all.samples));
    expect(ids((await openDataset('raf-db', root, 'val')).samples)).toEqual(
      ids(validation.samples),
    );
  });

  it('keeps images with equal content on one side of the cut', async () => {
    // Every content three times: cut by image, some content would be on both sides.
    const root = await rafDb(
      twoClasses(60).map((entry, i) => ({
        ...entry,
        label: 4,
        seed: Math.floor(i / 3),
      })),
    );
    const validation = await openDataset('raf-db', root, 'val');
    const train = await openDataset('raf-db', root, 'train');
    expect(validation.samples).toHaveLength(12); // 4 of 40 contents
    const heldOut = new Set(validation.samples.map(({ group }) => group));
    expect(heldOut.size).toBe(4);
    expect(train.samples.filter(({ group }) => heldOut.has(group))).toEqual([]);
  });

  it('keeps an image that is missing, for decoding to report, if others are there', async () => {
    const root = await rafDb(twoClasses(2));
    await rm(join(root, 'basic', 'Image', 'aligned', 'train_00001_aligned.jpg'));
    expect((await openDataset('raf-db', root, 'train-all')).samples).toHaveLength(4);
  });

  it.each(['train_00001 4', 'train_00001.jpg 8', 'train_00001.jpg', 'face.jpg 4'])(
    'names the line "%s" as what cannot be read',
    async (line) => {
      const root = await rafDb([]);
      await writeText(join(root, ...LABEL_FILE), `\n${line}\n`);
      const error = await trainerError(openDataset('raf-db', root, 'train'));
      expect(error.code).toBe('dataset-labels');
      expect(error.message).toContain(`Line 2 of ${join(root, ...LABEL_FILE)} is "${line}"`);
    },
  );

  it('says which layout it expects where the label file is missing', async () => {
    const error = await trainerError(openDataset('raf-db', await temporaryFolder(), 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain('<root>/basic/EmoLabel/list_patition_label.txt');
  });

  it('says which image it expects where there are labels but no images', async () => {
    const root = await rafDb(twoClasses(2));
    await rm(join(root, 'basic', 'Image'), { recursive: true });
    const error = await trainerError(openDataset('raf-db', root, 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain('names 4 images');
    expect(error.message).toContain('train_00001_aligned.jpg');
  });

  it('says that a split is empty', async () => {
    const root = await rafDb(twoClasses(2));
    const error = await trainerError(openDataset('raf-db', root, 'test'));
    expect(error.code).toBe('dataset-empty');
    expect(error.message).toContain('"test"');
  });
});
