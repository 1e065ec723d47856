import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CANONICAL_EYES } from 'emotion-cam/network';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderInput } from '../../src/augment.js';
import { decodeAll } from '../../src/datasets/decode-all.js';
import { imageAt } from '../../src/datasets/image-blocks.js';
import { CELEBA_ATTRIBUTES } from '../../src/datasets/label-sets.js';
import { openDataset, openSet } from '../../src/datasets/load-dataset.js';
import { writeCelebASet } from '../support/celeba-set.js';
import { temporaryFolder } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

async function celebA(): Promise<string> {
  const root = await temporaryFolder();
  await writeCelebASet(root, { train: 4, val: 2, test: 1 });
  return root;
}

/** Replaces a line of a list, counted from 1. */
async function replaceLine(
  root: string,
  file: string,
  number: number,
  text: string,
): Promise<void> {
  const lines = (await readFile(join(root, file), 'utf8')).split('\n');
  lines[number - 1] = text;
  await writeFile(join(root, file), lines.join('\n'));
}

describe('CelebA', () => {
  it('has the official parts, every image with its forty attributes', async () => {
    const root = await celebA();
    const set = await openSet('celeba', root);
    expect(set.splits).toEqual(['train', 'val', 'test', 'train-all']);
    const [train, val, test] = [
      await set.read('train'),
      await set.read('val'),
      await set.read('test'),
    ];
    expect(train.samples.map(({ id }) => id)).toEqual(['000001', '000002', '000003', '000004']);
    expect(val.samples.map(({ id }) => id)).toEqual(['000005', '000006']);
    expect(test.samples.map(({ id }) => id)).toEqual(['000007']);
    expect(train.labels).toEqual(CELEBA_ATTRIBUTES);

    const rows = (await readFile(join(root, 'list_attr_celeba.txt'), 'utf8'))
      .split('\r\n')
      .slice(2);
    const [name, ...values] = rows[4]!.split(/ +/);
    expect(name).toBe('000005.jpg');
    expect([...val.samples[0]!.attributes!]).toEqual(
      values.map((value) => (value === '1' ? 1 : 0)),
    );
  });

  it('is cropped so that the canonical frame shows the eyes where they must be', async () => {
    const root = await celebA();
    // White dots where the eyes of the aligned images are, on black.
    const pixels = new Uint8Array(178 * 218 * 3);
    for (const x of [69, 108]) {
      for (let dy = -2; dy <= 2; dy++) {
        const from = ((111 + dy) * 178 + x - 2) * 3;
        pixels.fill(255, from, from + 5 * 3);
      }
    }
    const path = join(root, 'img_align_celeba', '000007.jpg');
    await sharp(pixels, { raw: { width: 178, height: 218, channels: 3 } })
      .jpeg({ quality: 100 })
      .toFile(path);
    const { samples, frame } = await openDataset('celeba', root, 'test');
    const { pixels: images, width, height } = await decodeAll(samples);
    const data = imageAt(images, 0);
    const size = 100;
    const out = new Float32Array(size * size * 3);
    renderInput({ data, width, height }, frame, null, size, out, 0);
    const centreOf = (fromX: number, toX: number): [number, number] => {
      let [sum, sumX, sumY] = [0, 0, 0];
      for (let y = 0; y < size; y++) {
        for (let x = fromX; x < toX; x++) {
          if (out[(y * size + x) * 3]! < 1) continue; // darker than a light grey
          sum += 1;
          sumX += (x + 0.5) / size;
          sumY += (y + 0.5) / size;
        }
      }
      return [sumX / sum, sumY / sum];
    };
    const { leftEye, rightEye } = CANONICAL_EYES;
    const [left, right] = [centreOf(0, 50), centreOf(50, 100)];
    for (const axis of [0, 1] as const) {
      expect(Math.abs(left[axis] - leftEye[axis])).toBeLessThan(0.015);
      expect(Math.abs(right[axis] - rightEye[axis])).toBeLessThan(0.015);
    }
  });

  describe('is refused', () => {
    let root: string;
    const refusal = (
      split: 'train' | 'test' = 'train',
    ): Promise<{ code: string; message: string }> =>
      trainerError(openDataset('celeba', root, split));
    const attributes = 'list_attr_celeba.txt';
    const valid = (count: number): string => `000001.jpg ${new Array(count).fill('-1').join(' ')}`;

    it.each<[string, string, number, string, RegExp]>([
      ['with a wrong count', attributes, 1, '8', /Line 1 .*which is 7 here/],
      ['with no count', attributes, 1, 'images', /Line 1/],
      ['with other attributes', attributes, 2, 'Happy Sad', /Line 2 .*5_o_Clock_Shadow/],
      ['with a value too few', attributes, 3, valid(39), /Line 3 .*40 times 1 or -1/],
      ['with a value too many', attributes, 3, valid(41), /Line 3/],
      ['with a value of 0', attributes, 3, valid(39) + ' 0', /Line 3/],
      ['with a fourth part', 'list_eval_partition.txt', 2, '000002.jpg 3', /Line 2 .*0, 1 or 2/],
      ['with an unlisted image', 'list_eval_partition.txt', 2, '999999.jpg 0', /Line 2/],
    ])('%s, naming the line', async (_, file, line, text, message) => {
      root = await celebA();
      await replaceLine(root, file, line, text);
      const error = await refusal();
      expect(error.code).toBe('dataset-labels');
      expect(error.message).toMatch(message);
      expect(error.message).toContain(file);
    });

    it('without its lists, saying which layout is expected', async () => {
      root = await temporaryFolder();
      const error = await refusal();
      expect(error.code).toBe('dataset-layout');
      expect(error.message).toContain('img_align_celeba/000001.jpg');
    });
  });
});
