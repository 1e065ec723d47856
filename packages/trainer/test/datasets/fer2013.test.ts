import { EMOTIONS } from 'emotion-cam/network';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Split } from '../../src/datasets/dataset.js';
import { openDataset } from '../../src/datasets/load-dataset.js';
import { decodeImage } from '../../src/image.js';
import { createRng } from '../../src/rng.js';
import { temporaryFolder, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

interface Row {
  readonly emotion?: number;
  readonly usage?: 'Training' | 'PublicTest' | 'PrivateTest';
  /** Equal seeds make equal images. */
  readonly seed: number;
  /** neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a face */
  readonly votes?: readonly number[];
  /** The name in FER+'s table; empty where FER+ removed the image. */
  readonly name?: string;
}

const HAPPY = [0, 10, 0, 0, 0, 0, 0, 0, 0, 0];
const VOTES_HEAD =
  'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF';

function greyValues(seed: number): number[] {
  const rng = createRng(seed);
  return Array.from({ length: 48 * 48 }, () => rng.integer(256));
}

function imageRow({ emotion = 3, usage = 'Training', seed }: Row): string {
  return `${emotion},${greyValues(seed).join(' ')},${usage}`;
}

/** Writes `fer2013.csv` and, where asked, FER+'s votes beside it. */
async function tables(rows: readonly Row[], withVotes: boolean): Promise<string> {
  const root = await temporaryFolder();
  const images = ['emotion,pixels,Usage', ...rows.map(imageRow)];
  await writeText(join(root, 'fer2013.csv'), `${images.join('\n')}\n`);
  if (!withVotes) return root;
  const votes = rows.map(({ usage = 'Training', votes: counts = HAPPY, name }, i) =>
    [usage, name ?? `fer000000${i}.png`, ...counts].join(),
  );
  await writeText(join(root, 'fer2013new.csv'), `${[VOTES_HEAD, ...votes].join('\r\n')}\r\n`);
  return root;
}

async function idsOf(name: 'fer2013' | 'ferplus', root: string, split: Split): Promise<string[]> {
  return (await openDataset(name, root, split)).samples.map(({ id }) => id);
}

describe('FER2013 as one table', () => {
  it('maps its seven numbers to our labels', async () => {
    const root = await tables(
      [0, 1, 2, 3, 4, 5, 6].map((emotion) => ({ emotion, seed: emotion })),
      false,
    );
    const { samples, labels, layout } = await openDataset('fer2013', root, 'train');
    expect(samples.map(({ label }) => labels[label])).toEqual([
      'anger',
      'disgust',
      'fear',
      'happiness',
      'sadness',
      'surprise',
      'neutral',
    ]);
    expect(layout).toBe('fer2013.csv');
  });

  it('holds the pixels of each image', async () => {
    const root = await tables([{ seed: 1 }, { seed: 2 }], false);
    const { samples } = await openDataset('fer2013', root, 'train');
    const image = await decodeImage(samples[1]!.source);
    expect(image).toMatchObject({ width: 48, height: 48 });
    expect([...image.data].filter((_, i) => i % 3 === 0)).toEqual(greyValues(2));
  });

  it('keeps the official parts apart and one of equal images, furthest from training', async () => {
    const root = await tables(
      [
        { seed: 1 },
        { seed: 1 },
        { seed: 2 },
        { seed: 2, usage: 'PublicTest' },
        { seed: 3, usage: 'PublicTest' },
        { seed: 3, usage: 'PrivateTest' },
        { seed: 3, usage: 'PrivateTest' },
      ],
      false,
    );
    expect(await idsOf('fer2013', root, 'train')).toEqual(['fer0000000']);
    expect(await idsOf('fer2013', root, 'val')).toEqual(['fer0000003']);
    expect(await idsOf('fer2013', root, 'test')).toEqual(['fer0000005', 'fer0000006']);
    expect(await idsOf('fer2013', root, 'train-all')).toEqual(['fer0000000', 'fer0000002']);
  });

  it.each([
    ['7', greyValues(1).join(' '), 'Training', 'emotion', 'a number from 0 to 6'],
    ['3', greyValues(1).slice(1).join(' '), 'Training', 'pixels', '2304 numbers'],
    ['3', greyValues(1).with(5, 256).join(' '), 'Training', 'pixels', 'from 0 to 255'],
    ['3', greyValues(1).join(' '), 'Train', 'Usage', 'Training, PublicTest, PrivateTest'],
  ])(
    'names line and column of what cannot be read',
    async (emotion, pixels, usage, column, expected) => {
      const root = await temporaryFolder();
      const lines = [
        'emotion,pixels,Usage',
        imageRow({ seed: 9 }),
        [emotion, pixels, usage].join(),
      ];
      await writeText(join(root, 'fer2013.csv'), lines.join('\n'));
      const error = await trainerError(openDataset('fer2013', root, 'train'));
      expect(error.code).toBe('dataset-labels');
      expect(error.message).toContain(`Line 3 of ${join(root, 'fer2013.csv')}`);
      expect(error.message).toContain(`in the column ${column}`);
      expect(error.message).toContain(expected);
      expect(error.message.length).toBeLessThan(400); // not the whole line
    },
  );

  it('names the columns that a table lacks', async () => {
    const root = await temporaryFolder();
    await writeText(join(root, 'fer2013.csv'), 'emotion,image\n3,x\n');
    const error = await trainerError(openDataset('fer2013', root, 'train'));
    expect(error.code).toBe('dataset-labels');
    expect(error.message).toContain('it lacks pixels, Usage');
  });

  it('says that a table is cut short in the middle of a row', async () => {
    const root = await temporaryFolder();
    await writeText(
      join(root, 'fer2013.csv'),
      `emotion,pixels,Usage\n${imageRow({ seed: 1 })}\n3,1 2`,
    );
    const error = await trainerError(openDataset('fer2013', root, 'train'));
    expect(error.code).toBe('dataset-labels');
    expect(error.message).toContain('line 3');
  });

  it('says which file it expects', async () => {
    const error = await trainerError(openDataset('fer2013', await temporaryFolder(), 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain('<root>/fer2013.csv');
  });
});

describe('FER+ as two tables', () => {
  it('takes labels from the votes and says so', async () => {
    const root = await tables(
      [
        { seed: 1, emotion: 0 },
        { seed: 2, votes: [4, 3, 1, 1, 1, 0, 0, 0, 0, 0] },
        { seed: 3, votes: [0, 0, 0, 0, 2, 0, 0, 8, 0, 0] },
        { seed: 4, votes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 10], name: '' },
      ],
      true,
    );
    const { samples, dropped, layout } = await openDataset('ferplus', root, 'train');
    expect(layout).toBe('fer2013.csv with fer2013new.csv');
    expect(samples.map(({ id, label }) => [id, EMOTIONS[label]])).toEqual([
      ['fer0000000', 'happiness'],
      ['fer0000001', 'neutral'],
    ]);
    expect(samples[1]?.distribution).toEqual([4 / 7, 3 / 7, 0, 0, 0, 0, 0]);
    expect(dropped).toEqual({ contempt: 1 });
  });

  it('counts duplicates with another label apart', async () => {
    const sad = [0, 0, 0, 10, 0, 0, 0, 0, 0, 0];
    const root = await tables(
      [
        { seed: 1 },
        { seed: 1 },
        { seed: 1, votes: sad },
        { seed: 2 },
        { seed: 2, votes: sad, usage: 'PublicTest' },
      ],
      true,
    );
    const { samples, dropped } = await openDataset('ferplus', root, 'train');
    expect(samples).toHaveLength(1);
    expect(dropped).toEqual({ duplicate: 1, 'duplicate with another label': 2 });
  });

  it('refuses votes that do not belong to the rows of the images', async () => {
    const root = await tables([{ seed: 1 }, { seed: 2, usage: 'PublicTest' }], true);
    const votes = `${VOTES_HEAD}\nTraining,a.png,${HAPPY.join()}\nTraining,b.png,${HAPPY.join()}\n`;
    await writeText(join(root, 'fer2013new.csv'), votes);
    const error = await trainerError(openDataset('ferplus', root, 'train'));
    expect(error.code).toBe('dataset-labels');
    expect(error.message).toContain('Line 3');
    expect(error.message).toContain('"PublicTest" as in line 3');
  });

  it.each([1, 3])('refuses %d row(s) of votes for two images', async (count) => {
    const root = await tables([{ seed: 1 }, { seed: 2 }], true);
    const rows = Array.from({ length: count }, (_, i) => `Training,fer${i}.png,${HAPPY.join()}`);
    await writeText(join(root, 'fer2013new.csv'), [VOTES_HEAD, ...rows].join('\n'));
    const error = await trainerError(openDataset('ferplus', root, 'train'));
    expect(error.code).toBe('dataset-labels');
    expect(error.message).toContain('different numbers of rows');
  });

  it('names the line of votes that are no numbers', async () => {
    const root = await tables([{ seed: 1, votes: [1, 2, NaN, 4, 5, 6, 7, 8, 9, 10] }], true);
    const error = await trainerError(openDataset('ferplus', root, 'train'));
    expect(error.message).toContain(`Line 2 of ${join(root, 'fer2013new.csv')}`);
  });

  it('says that the votes are missing', async () => {
    const root = await tables([{ seed: 1 }], true);
    await rm(join(root, 'fer2013new.csv'));
    const error = await trainerError(openDataset('ferplus', root, 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain(join(root, 'fer2013new.csv'));
  });
});
