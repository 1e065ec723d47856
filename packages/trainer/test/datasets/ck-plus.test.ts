import { CANONICAL_EYES, EMOTIONS } from 'emotion-cam/network';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/datasets/dataset.js';
import { openDataset } from '../../src/datasets/load-dataset.js';
import { temporaryFolder, writeNoise, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

/** Writes CK+48's layout: for each folder the subjects, three frames each. */
async function ckPlus(folders: Readonly<Record<string, readonly number[]>>): Promise<string> {
  const root = await temporaryFolder();
  for (const [folder, subjects] of Object.entries(folders)) {
    for (const subject of subjects) {
      for (const frame of [1, 2, 3]) {
        const name = `S${String(subject).padStart(3, '0')}_001_0000000${frame}.png`;
        await writeNoise(join(root, 'CK+48', folder, name), subject, { channels: 1 });
      }
    }
  }
  return root;
}

/** One subject for each folder. */
function oneOfEach(): Promise<string> {
  const folders = ['anger', 'contempt', 'disgust', 'fear', 'happy', 'sadness', 'surprise'];
  return ckPlus(Object.fromEntries(folders.map((folder, i) => [folder, [i + 1]])));
}

/** `folder=label` of each class once. */
function namedLabels(samples: readonly Sample[], labels: readonly string[]): string[] {
  return [...new Set(samples.map(({ id, label }) => `${id.split('/')[0]}=${labels[label]}`))];
}

const SUBJECTS = Array.from({ length: 20 }, (_, i) => i + 1);

describe('CK+', () => {
  it('is the seven classes of the paper, contempt in the place of neutral', async () => {
    const { samples, labels, dropped, layout } = await openDataset(
      'ck-plus',
      await oneOfEach(),
      'train-all',
    );
    expect(labels).toEqual([
      'contempt',
      'happiness',
      'surprise',
      'sadness',
      'anger',
      'disgust',
      'fear',
    ]);
    expect(namedLabels(samples, labels)).toEqual([
      'anger=anger',
      'contempt=contempt',
      'disgust=disgust',
      'fear=fear',
      'happy=happiness',
      'sadness=sadness',
      'surprise=surprise',
    ]);
    expect(samples).toHaveLength(21);
    expect(dropped).toEqual({});
    expect(layout).toBe('CK+48');
  });

  it('without contempt has the labels of ours, neutral empty', async () => {
    const { samples, labels, dropped } = await openDataset(
      'ck-plus-basic',
      await oneOfEach(),
      'train-all',
    );
    expect(labels).toEqual(EMOTIONS);
    expect(namedLabels(samples, labels)).toEqual([
      'anger=anger',
      'disgust=disgust',
      'fear=fear',
      'happy=happiness',
      'sadness=sadness',
      'surprise=surprise',
    ]);
    expect(dropped).toEqual({ contempt: 3 });
    expect(new Set(samples.map(({ group }) => group)).size).toBe(6);
  });

  it('holds out a tenth of those who show contempt besides', async () => {
    const contempt = SUBJECTS.map((subject) => subject + 20);
    const root = await ckPlus({ happy: SUBJECTS, contempt });
    const counts = async (name: 'ck-plus' | 'ck-plus-basic'): Promise<number[]> => {
      const { samples } = await openDataset(name, root, 'val');
      return ['happy', 'contempt'].map(
        (folder) => samples.filter(({ id }) => id.startsWith(folder)).length,
      );
    };
    expect(await counts('ck-plus-basic')).toEqual([6, 0]); // 2 subjects of three frames
    expect(await counts('ck-plus')).toEqual([6, 6]);
  });

  it('holds out a tenth of the subjects with all their images', async () => {
    const root = await ckPlus({ happy: SUBJECTS, fear: SUBJECTS });
    const subjects = async (split: 'train' | 'val'): Promise<Set<string>> =>
      new Set((await openDataset('ck-plus', root, split)).samples.map(({ group }) => group));
    const [train, validation] = [await subjects('train'), await subjects('val')];
    expect(validation.size).toBe(2);
    expect(train.size).toBe(18);
    expect([...train].filter((subject) => validation.has(subject))).toEqual([]);
    expect((await openDataset('ck-plus', root, 'val')).samples).toHaveLength(12);
    expect(await subjects('val')).toEqual(validation);
  });

  it('frames the face so that its eyes come to the canonical ones', async () => {
    const { frame } = await openDataset('ck-plus', await ckPlus({ happy: [1] }), 'train-all');
    const inSource = ([u, v]: readonly [number, number]): [number, number] => [
      0.5 + frame.shiftX + frame.scale * (u - 0.5),
      0.5 + frame.shiftY + frame.scale * (v - 0.5),
    ];
    const [left, right] = [inSource(CANONICAL_EYES.leftEye), inSource(CANONICAL_EYES.rightEye)];
    [...left, ...right].forEach((value, i) => {
      expect(value).toBeCloseTo([0.32, 0.42, 0.69, 0.42][i]!, 12);
    });
  });

  it.each(['test', 'val2'] as const)('says that there is no split "%s"', async (split) => {
    const error = await trainerError(openDataset('ck-plus', await ckPlus({ happy: [1] }), split));
    expect(error.code).toBe('dataset-split');
    expect(error.message).toContain('It has train, val, train-all.');
  });

  it('names a file that does not tell its subject', async () => {
    const root = await ckPlus({ happy: [1] });
    await writeText(join(root, 'CK+48', 'happy', 'someone.png'), '');
    const error = await trainerError(openDataset('ck-plus', root, 'train'));
    expect(error.code).toBe('dataset-labels');
    expect(error.message).toContain('someone.png');
  });

  it.each([
    ['there is no CK+48 folder', {}],
    ['no class folder holds images', { joy: [1] }],
  ])('says which layout it expects where %s', async (_, folders) => {
    const error = await trainerError(openDataset('ck-plus', await ckPlus(folders), 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain('<root>/CK+48/<emotion>/');
  });
});
