import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Split } from '../../src/datasets/dataset.js';
import { openDataset } from '../../src/datasets/load-dataset.js';
import { temporaryFolder, writeNoise, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

/** Writes images by their path; the number is the seed: equal numbers, equal images. */
async function folder(files: Readonly<Record<string, number>>): Promise<string> {
  const root = await temporaryFolder();
  for (const [path, seed] of Object.entries(files)) await writeNoise(join(root, path), seed);
  return root;
}

/** Different images `label/first.png` and so on. */
function many(label: string, count: number, firstSeed: number): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${label}/${firstSeed + i}.png`, firstSeed + i]),
  );
}

async function idsOf(root: string, split: Split): Promise<string[]> {
  return (await openDataset('folder', root, split)).samples.map(({ id }) => id);
}

describe('a folder of images', () => {
  it('takes the labels from the names of the folders, in any case and with synonyms', async () => {
    const root = await folder({
      'Happy/a.png': 1,
      'joy/b.jpg': 2,
      'sadness/c.jpeg': 3,
      'angry/d.webp': 4,
      'neutral/e.PNG': 5,
    });
    const { samples, labels } = await openDataset('folder', root, 'train-all');
    expect(samples.map(({ id, label }) => [id, labels[label]])).toEqual([
      ['Happy/a.png', 'happiness'],
      ['angry/d.webp', 'anger'],
      ['joy/b.jpg', 'happiness'],
      ['neutral/e.PNG', 'neutral'],
      ['sadness/c.jpeg', 'sadness'],
    ]);
    expect(samples.every(({ crop }) => crop?.kind === 'centre-square')).toBe(true);
  });

  it('names the folder that is no emotion, and the good names', async () => {
    const root = await folder({ 'happy/a.png': 1, 'confused/b.png': 2 });
    const error = await trainerError(openDataset('folder', root, 'train'));
    expect(error.code).toBe('dataset-labels');
    expect(error.message).toContain(join(root, 'confused'));
    expect(error.message).toContain('happiness (happy, joy)');
  });

  it('passes over other files and hidden folders', async () => {
    const root = await folder({ 'happy/a.png': 1, '.cache/b.png': 2 });
    await writeText(join(root, 'readme.txt'), '');
    await writeText(join(root, 'happy', 'notes.txt'), '');
    await writeText(join(root, 'happy', '.hidden.png'), '');
    expect(await idsOf(root, 'train-all')).toEqual(['happy/a.png']);
  });

  it('holds out a tenth of each class, and one image of a small class', async () => {
    const root = await folder({
      ...many('happy', 30, 100),
      ...many('fear', 4, 200),
      'sad/1.png': 1,
    });
    const [train, validation, all] = [
      await idsOf(root, 'train'),
      await idsOf(root, 'val'),
      await idsOf(root, 'train-all'),
    ];
    const count = (ids: readonly string[], label: string): number =>
      ids.filter((id) => id.startsWith(label)).length;
    expect([count(validation, 'happy'), count(validation, 'fear')]).toEqual([3, 1]);
    expect(count(validation, 'sad')).toBe(0); // its only image is for training
    expect([...train, ...validation].sort()).toEqual([...all].sort());
  });

  it('chooses the tenth by content, whatever the names, and keeps equal images together', async () => {
    const images = many('happy', 20, 100);
    const seeds = async (files: Record<string, number>): Promise<number[]> =>
      (await idsOf(await folder(files), 'val')).map((id) => files[id]!).sort();
    const renamed = Object.fromEntries(
      Object.values(images).map((seed) => [`happy/z${500 - seed}.png`, seed]),
    );
    const chosen = await seeds(images);
    expect(chosen).toHaveLength(2);
    expect(await seeds(renamed)).toEqual(chosen);
    const copied = { ...images, 'happy/copy.png': chosen[0]! };
    expect(await seeds(copied)).toEqual([...chosen, chosen[0]!].sort());
  });

  it('takes the splits from folders where there are any', async () => {
    const root = await folder({
      ...Object.fromEntries(Object.entries(many('train/happy', 12, 1))),
      'val/happy/a.png': 50,
      'test/sad/b.png': 51,
    });
    expect(await idsOf(root, 'train')).toHaveLength(12);
    expect(await idsOf(root, 'val')).toEqual(['val/happy/a.png']);
    expect(await idsOf(root, 'test')).toEqual(['test/sad/b.png']);
    expect(await idsOf(root, 'train-all')).toHaveLength(13);
  });

  it('cuts validation off the train folder where there is only a test folder', async () => {
    const root = await folder({ ...many('train/happy', 10, 1), 'test/happy/x.png': 99 });
    expect(await idsOf(root, 'train')).toHaveLength(9);
    expect(await idsOf(root, 'val')).toHaveLength(1);
    expect(await idsOf(root, 'train-all')).toHaveLength(10);
  });

  it.each(['test', 'val2'] as const)('says that it has no split "%s"', async (split) => {
    const error = await trainerError(
      openDataset('folder', await folder({ 'happy/a.png': 1 }), split),
    );
    expect(error.code).toBe('dataset-split');
    expect(error.message).toContain('It has train, val, train-all.');
  });

  it.each([
    ['there is no image', {}],
    ['there is no train folder', { 'val/happy/a.png': 1 }],
  ])('says which layout it expects where %s', async (_, files) => {
    const error = await trainerError(openDataset('folder', await folder(files), 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain('<root>/<label>/*.png');
  });
});
