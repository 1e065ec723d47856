import { CANONICAL_EYES } from 'emotion-cam/network';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderInput } from '../../src/augment.js';
import { decodeAll } from '../../src/datasets/decode-all.js';
import type { Dataset } from '../../src/datasets/dataset.js';
import { imageAt } from '../../src/datasets/image-blocks.js';
import { openDataset } from '../../src/datasets/load-dataset.js';
import { nameOfSource } from '../../src/image.js';
import { temporaryFolder, writeNoise, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

const frameName = (subject: number, frame: number): string =>
  `S${String(subject).padStart(3, '0')}_001_${String(frame).padStart(8, '0')}`;

const sequenceFolder = (root: string, top: string, subject: number): string =>
  join(root, top, `S${String(subject).padStart(3, '0')}`, '001');

/** Writes the official layout: a sequence of five frames for each subject, with its number. */
async function official(emotions: readonly (number | null)[]): Promise<string> {
  const root = await temporaryFolder();
  for (const [index, emotion] of emotions.entries()) {
    const subject = index + 1;
    for (let frame = 1; frame <= 5; frame++) {
      const folder = sequenceFolder(root, 'cohn-kanade-images', subject);
      await writeNoise(join(folder, `${frameName(subject, frame)}.png`), 10 * subject + frame, {
        channels: 1,
      });
    }
    const folder = sequenceFolder(root, 'Emotion', subject);
    await mkdir(folder, { recursive: true }); // unlabelled sequences have an empty folder
    if (emotion !== null) {
      const file = join(folder, `${frameName(subject, 5)}_emotion.txt`);
      await writeText(file, `   ${emotion.toExponential(7)}\n`);
    }
  }
  await writeText(join(root, 'Emotion', '.DS_Store'), '');
  await writeText(join(root, 'cohn-kanade-images', 'S001', '.DS_Store'), '');
  return root;
}

/** A black picture with two white dots, and landmarks that say that these are the eyes. */
async function writeFace(
  root: string,
  eyes: readonly (readonly [x: number, y: number])[],
): Promise<void> {
  const [width, height] = [640, 490];
  const pixels = new Uint8Array(width * height);
  for (const [x, y] of eyes) {
    for (let row = y - 3; row <= y + 3; row++) {
      pixels.fill(255, row * width + x - 3, row * width + x + 4);
    }
  }
  const image = join(sequenceFolder(root, 'cohn-kanade-images', 1), `${frameName(1, 5)}.png`);
  await mkdir(dirname(image), { recursive: true });
  await sharp(pixels, { raw: { width, height, channels: 1 } }).toFile(image);
  const around = [-2, 0, 2, 2, 0, -2]; // six points of an eye, around its middle
  const lines = Array.from({ length: 68 }, (_, point) => {
    const eye =
      point >= 36 && point < 42 ? eyes[0] : point >= 42 && point < 48 ? eyes[1] : undefined;
    const offset = around[point % 6]!;
    const [x, y] = eye ? [eye[0] + offset, eye[1] - offset] : [point, 400];
    return `   ${x.toExponential(7)}   ${y.toExponential(7)}`;
  });
  const landmarks = sequenceFolder(root, 'Landmarks', 1);
  await writeText(join(landmarks, `${frameName(1, 5)}_landmarks.txt`), lines.join('\n'));
}

/** Where the white dots lie in the canonical crop of the last image, in units of its side. */
async function dotsOf({ samples, frame }: Dataset): Promise<(readonly [number, number])[]> {
  const side = 100;
  const { pixels, width, height } = await decodeAll(samples.slice(-1));
  const out = new Float32Array(side * side * 3);
  renderInput({ width, height, data: imageAt(pixels, 0) }, frame, null, side, out, 0);
  const half = (from: number, to: number): readonly [number, number] => {
    let [weight, x, y] = [0, 0, 0];
    for (let row = 0; row < side; row++) {
      for (let column = from; column < to; column++) {
        const value = Math.max(0, out[(row * side + column) * 3]!);
        weight += value;
        x += value * (column + 0.5);
        y += value * (row + 0.5);
      }
    }
    return [x / weight / side, y / weight / side];
  };
  return [half(0, side / 2), half(side / 2, side)];
}

describe('CK+ in its official layout', () => {
  it('takes the last three frames of the labelled sequences', async () => {
    const root = await official([1, null, 5]);
    const { samples, labels, layout } = await openDataset('ck-plus', root, 'train-all');
    expect(samples.map(({ id, label, group }) => [id, labels[label], group])).toEqual([
      ['anger/S001_001_00000003', 'anger', 'S001'],
      ['anger/S001_001_00000004', 'anger', 'S001'],
      ['anger/S001_001_00000005', 'anger', 'S001'],
      ['happy/S003_001_00000003', 'happiness', 'S003'],
      ['happy/S003_001_00000004', 'happiness', 'S003'],
      ['happy/S003_001_00000005', 'happiness', 'S003'],
    ]);
    expect(nameOfSource(samples[0]!.source)).toBe(
      join(root, 'cohn-kanade-images', 'S001', '001', 'S001_001_00000003.png'),
    );
    expect(layout).toBe('official, eyes from Landmarks/ in 0 of 6 images');
  });

  it('knows its seven numbers', async () => {
    const root = await official([1, 2, 3, 4, 5, 6, 7]);
    const { samples, labels } = await openDataset('ck-plus', root, 'train-all');
    const inOrder = samples.filter((_, i) => i % 3 === 0).map(({ label }) => labels[label]);
    expect(inOrder).toEqual([
      'anger',
      'contempt',
      'disgust',
      'fear',
      'happiness',
      'sadness',
      'surprise',
    ]);
    const basic = await openDataset('ck-plus-basic', root, 'train-all');
    expect(basic.dropped).toEqual({ contempt: 3 });
  });

  it.each([
    ['in the middle', [270, 200], [370, 200]],
    ['near the edge', [40, 60], [120, 60]],
    ['small and low', [420, 400], [480, 400]],
  ] as const)('brings eyes %s to the canonical ones by its landmarks', async (_, left, right) => {
    const root = await official([5]);
    await writeFace(root, [left, right]);
    const dataset = await openDataset('ck-plus', root, 'train-all');
    expect(dataset.layout).toBe('official, eyes from Landmarks/ in 1 of 3 images');
    const dots = await dotsOf(dataset);
    [CANONICAL_EYES.leftEye, CANONICAL_EYES.rightEye].forEach((eye, i) => {
      expect(Math.abs(dots[i]![0] - eye[0]), `x of eye ${i}`).toBeLessThan(0.015);
      expect(Math.abs(dots[i]![1] - eye[1]), `y of eye ${i}`).toBeLessThan(0.015);
    });
  });

  it('takes a fixed place of the eyes without landmarks', async () => {
    const root = await official([5]);
    await writeFace(root, [
      [272, 206],
      [368, 206],
    ]); // 0.15 of the width apart, around 0.5 of it, at 0.42 of the height
    await rm(join(root, 'Landmarks'), { recursive: true });
    const dots = await dotsOf(await openDataset('ck-plus', root, 'train-all'));
    expect(Math.abs(dots[0]![0] - CANONICAL_EYES.leftEye[0])).toBeLessThan(0.015);
    expect(Math.abs(dots[1]![1] - CANONICAL_EYES.rightEye[1])).toBeLessThan(0.015);
  });

  it.each([
    ['Emotion', '8'],
    ['Emotion', 'happy'],
    ['Emotion', ''],
    ['Landmarks', '1 2\n3 4\n'],
  ])('names the file in %s/ that says "%s"', async (top, text) => {
    const root = await official([5]);
    const kind = top === 'Emotion' ? 'emotion' : 'landmarks';
    const file = join(sequenceFolder(root, top, 1), `${frameName(1, 5)}_${kind}.txt`);
    await writeText(file, text);
    const error = await trainerError(openDataset('ck-plus', root, 'train'));
    expect(error.code).toBe('dataset-labels');
    expect(error.message).toContain(file);
  });

  it('says which layouts it expects where the labels are missing', async () => {
    const root = await official([5]);
    await rm(join(root, 'Emotion'), { recursive: true });
    const error = await trainerError(openDataset('ck-plus', root, 'train'));
    expect(error.code).toBe('dataset-layout');
    expect(error.message).toContain(join(root, 'Emotion'));
    expect(error.message).toContain('<root>/Emotion/S005/001/*_emotion.txt');
  });
});
