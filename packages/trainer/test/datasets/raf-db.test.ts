import { EMOTIONS } from 'emotion-cam/network';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset, Sample, Split } from '../../src/datasets/dataset.js';
import { openDataset, openSet } from '../../src/datasets/load-dataset.js';
import { temporaryFolder, writeNoise, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

interface Entry {
  readonly name: string;
  readonly label: number;
  /** Equal seeds make equal files. */
  readonly seed: number;
}

const LABEL_FILE = ['basic', 'EmoLabel', 'list_patition_label.txt'];

/** The validation tenth of `twoClasses(20)` as every version so far has cut it. */
const VALIDATION_OF_TWENTY = ['train_00001', 'train_00017', 'train_00026', 'train_00036'];

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

/** Images of the classes that have any. */
function classCounts({ samples, labels }: Dataset): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { label } of samples) counts[labels[label]!] = (counts[labels[label]!] ?? 0) + 1;
  return counts;
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
    const path = join(root, 'basic', 'Image', 'aligned', 'test_0001_aligned.jpg');
    expect(samples[0]?.source).toEqual({ kind: 'file', path });
  });

  it('keeps the official splits apart by the prefix of the name', async () => {
    const root = await rafDb([
      { name: 'train_00001', label: 4, seed: 1 },
      { name: 'test_0001', label: 4, seed: 2 },
    ]);
    expect(ids((await openDataset('raf-db', root, 'test')).samples)).toEqual(['test_0001']);
    expect(ids((await openDataset('raf-db', root, 'train-all')).samples)).toEqual(['train_00001']);
  });

  it('cuts two different tenths of each class off, always the same ones', async () => {
    const root = await rafDb(twoClasses(20));
    const set = await openSet('raf-db', root);
    const [train, validation, confirmation, all] = await Promise.all(
      (['train', 'val', 'val2', 'train-all'] as const).map(set.read),
    );
    expect(classCounts(validation!)).toEqual({ neutral: 2, happiness: 2 });
    expect(classCounts(confirmation!)).toEqual({ neutral: 2, happiness: 2 });
    expect(classCounts(train!)).toEqual({ neutral: 16, happiness: 16 });
    const parts = [validation!, confirmation!, train!].flatMap(({ samples }) => ids(samples));
    expect(parts.sort()).toEqual(ids(all!.samples));
    for (const dataset of [validation!, confirmation!]) {
      const again = await openDataset('raf-db', root, dataset.split);
      expect(ids(again.samples)).toEqual(ids(dataset.samples));
    }
  });

  it('holds out for validation what it always has', async () => {
    // The tenth that the shipped weights were chosen on: it must not move.
    const root = await rafDb(twoClasses(20));
    const { samples } = await openDataset('raf-db', root, 'val');
    expect(ids(samples)).toEqual(VALIDATION_OF_TWENTY);
  });

  it('keeps images with equal content on one side of the cuts', async () => {
    // Every content three times: cut by image, some content would be on several sides.
    const root = await rafDb(
      twoClasses(60).map((entry, i) => ({
        ...entry,
        label: 4,
        seed: Math.floor(i / 3),
      })),
    );
    const groups = async (split: Split): Promise<string[]> =>
      (await openDataset('raf-db', root, split)).samples.map(({ group }) => group);
    const [train, validation, confirmation] = [
      new Set(await groups('train')),
      await groups('val'),
      await groups('val2'),
    ];
    for (const heldOut of [validation, confirmation]) {
      expect(heldOut).toHaveLength(12); // 4 of 40 contents
      expect(new Set(heldOut).size).toBe(4);
      expect(heldOut.filter((group) => train.has(group))).toEqual([]);
    }
    expect(validation.filter((group) => confirmation.includes(group))).toEqual([]);
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
