import { CANONICAL_EYES, EMOTIONS } from 'emotion-cam/network';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { summarize } from '../../src/datasets/dataset.js';
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

const SUBJECTS = Array.from({ length: 20 }, (_, i) => i + 1);

describe('CK+', () => {
  it('takes the label from the folder and leaves contempt out', async () => {
    const root = await ckPlus({
      anger: [1],
      contempt: [2],
      disgust: [3],
      fear: [4],
      happy: [5],
      sadness: [6],
      surprise: [7],
    });
    const dataset = await openDataset('ck-plus', root, 'train-all');
    const labels = new Set(
      dataset.samples.map(({ id, label }) => `${id.split('/')[0]}=${EMOTIONS[label]}`),
    );
    expect([...labels]).toEqual([
      'anger=anger',
      'disgust=disgust',
      'fear=fear',
      'happy=happiness',
      'sadness=sadness',
      'surprise=surprise',
    ]);
    expect(dataset.dropped).toEqual({ contempt: 3 });
    expect(summarize(dataset)).toMatchObject({
      count: 18,
      groups: 6,
      classCounts: { neutral: 0, happiness: 3 },
    });
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

  it('says that there is no official test split', async () => {
    const error = await trainerError(openDataset('ck-plus', await ckPlus({ happy: [1] }), 'test'));
    expect(error.code).toBe('dataset-split');
    expect(error.message).toContain('train-all');
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
