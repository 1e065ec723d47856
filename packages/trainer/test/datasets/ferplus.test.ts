import { EMOTIONS } from 'emotion-cam/network';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/datasets/load-dataset.js';
import { temporaryFolder, writeNoise, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

type Folder = 'FER2013Train' | 'FER2013Valid' | 'FER2013Test';

interface Entry {
  readonly name: string;
  /** neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a face */
  readonly votes: readonly number[];
  /** Equal seeds make equal files. */
  readonly seed: number;
}

const HAPPY = [0, 10, 0, 0, 0, 0, 0, 0, 0, 0];

/** Writes folders of FER+'s official layout. */
async function ferPlus(folders: Partial<Record<Folder, readonly Entry[]>>): Promise<string> {
  const root = await temporaryFolder();
  for (const [folder, entries] of Object.entries(folders)) {
    const lines = entries.map(({ name, votes }) => `${name}.png,"(0, 0, 48, 48)",${votes.join()}`);
    await writeText(join(root, folder, 'label.csv'), `${lines.join('\r\n')}\r\n`);
    for (const { name, seed } of entries) {
      await writeNoise(join(root, folder, `${name}.png`), seed, { channels: 1 });
    }
  }
  return root;
}

/** One training image for each list of votes. */
function trainingVotes(...votes: readonly (readonly number[])[]): Promise<string> {
  return ferPlus({ FER2013Train: votes.map((v, i) => ({ name: `fer${i}`, votes: v, seed: i })) });
}

describe('FER+', () => {
  it('reads the seven columns of ours in their order', async () => {
    const root = await trainingVotes(
      ...EMOTIONS.map((_, label) => Array.from({ length: 10 }, (_, k) => (k === label ? 10 : 0))),
    );
    const { samples, dropped } = await openDataset('ferplus', root, 'train');
    expect(samples.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(dropped).toEqual({});
  });

  it('takes single votes for outliers before it looks for the majority', async () => {
    // 4 of 10 is no majority; without the three single votes it is 4 of 7.
    const root = await trainingVotes([4, 3, 1, 1, 1, 0, 0, 0, 0, 0]);
    const [sample] = (await openDataset('ferplus', root, 'train')).samples;
    expect(sample?.label).toBe(0);
    expect(sample?.distribution).toEqual([4 / 7, 3 / 7, 0, 0, 0, 0, 0]);
  });

  it('scales the votes for our classes to sum 1', async () => {
    const root = await trainingVotes([0, 0, 6, 0, 0, 0, 2, 2, 0, 0]);
    const [sample] = (await openDataset('ferplus', root, 'train')).samples;
    expect(sample?.distribution).toEqual([0, 0, 6 / 8, 0, 0, 0, 2 / 8]);
  });

  it('leaves out images whose majority is no class of ours, or that have none', async () => {
    const root = await trainingVotes(
      HAPPY,
      [0, 0, 0, 0, 2, 0, 0, 8, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0, 10, 0],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 10],
      [5, 5, 0, 0, 0, 0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    );
    const { samples, dropped } = await openDataset('ferplus', root, 'train');
    expect(samples.map(({ id }) => id)).toEqual(['fer0']);
    expect(dropped).toEqual({ contempt: 1, unknown: 1, 'not-a-face': 1, 'no-majority': 2 });
  });

  it('keeps one of several equal images, in the split furthest from training', async () => {
    const root = await ferPlus({
      FER2013Train: [
        { name: 'only-train', votes: HAPPY, seed: 1 },
        { name: 'again-train', votes: HAPPY, seed: 1 },
        { name: 'in-valid', votes: HAPPY, seed: 2 },
        { name: 'in-test', votes: HAPPY, seed: 3 },
      ],
      FER2013Valid: [
        { name: 'valid', votes: HAPPY, seed: 2 },
        { name: 'valid-in-test', votes: HAPPY, seed: 4 },
      ],
      FER2013Test: [
        { name: 'test', votes: HAPPY, seed: 3 },
        { name: 'test-2', votes: HAPPY, seed: 4 },
        { name: 'test-again', votes: HAPPY, seed: 4 },
      ],
    });
    const ids = async (split: 'train' | 'val' | 'test' | 'train-all'): Promise<string[]> =>
      (await openDataset('ferplus', root, split)).samples.map(({ id }) => id);
    expect(await ids('train')).toEqual(['only-train']);
    expect(await ids('val')).toEqual(['valid']);
    expect(await ids('test')).toEqual(['test', 'test-2', 'test-again']);
    expect(await ids('train-all')).toEqual(['only-train', 'in-valid']);
    expect((await openDataset('ferplus', root, 'train')).dropped).toEqual({ duplicate: 3 });
  });

  it('passes over lines without a name: images that FER+ has removed', async () => {
    const root = await trainingVotes(HAPPY);
    const line = `fer0.png,"(0, 0, 48, 48)",${HAPPY.join()}`;
    const removed = `,"(0, 0, 48, 48)",${HAPPY.join()}`;
    await writeText(join(root, 'FER2013Train', 'label.csv'), `${removed}\n${line}\n`);
    expect((await openDataset('ferplus', root, 'train')).samples).toHaveLength(1);
  });

  it.each(['fer0.png,"(0, 0, 48, 48)",1,2,3', 'fer0.png,1,2,3,4,5,6,7,8,9,10', 'nonsense'])(
    'names the line %s as what cannot be read',
    async (line) => {
      const root = await trainingVotes(HAPPY);
      await writeText(join(root, 'FER2013Train', 'label.csv'), line);
      const error = await trainerError(openDataset('ferplus', root, 'train'));
      expect(error.code).toBe('dataset-labels');
      expect(error.message).toContain('Line 1');
    },
  );

  it('says which folder of a split is missing', async () => {
    const root = await trainingVotes(HAPPY);
    const error = await trainerError(openDataset('ferplus', root, 'test'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain(join(root, 'FER2013Test', 'label.csv'));
  });

  it('says that there are labels but no images', async () => {
    const root = await trainingVotes(HAPPY);
    await rm(join(root, 'FER2013Train', 'fer0.png'));
    const error = await trainerError(openDataset('ferplus', root, 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain('none of them');
  });

  it('says what an empty split left out', async () => {
    const root = await trainingVotes([5, 5, 0, 0, 0, 0, 0, 0, 0, 0]);
    const error = await trainerError(openDataset('ferplus', root, 'train'));
    expect(error.code).toBe('dataset-empty');
    expect(error.message).toContain('1 no-majority');
  });
});
