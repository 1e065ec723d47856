import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeAll } from '../../src/datasets/decode-all.js';
import type { Sample } from '../../src/datasets/dataset.js';
import { imageAt } from '../../src/datasets/image-blocks.js';
import { nameOfSource } from '../../src/image.js';
import { temporaryFolder, writeNoise } from '../support/image-folders.js';
import { sampleAt } from '../support/samples.js';
import { trainerError } from '../support/trainer-error.js';

const pathOf = ({ source }: Sample): string => nameOfSource(source);

describe('decodeAll', () => {
  it('packs the images in the order of the samples, in memory that threads can share', async () => {
    const folder = await temporaryFolder();
    const samples = Array.from({ length: 12 }, (_, i) => sampleAt(join(folder, `${i}.png`)));
    const expected: number[] = [];
    for (const [i, sample] of samples.entries()) {
      expected.push(...(await writeNoise(pathOf(sample), i, { side: 4 })));
    }
    const images = await decodeAll(samples, { concurrency: 5 });
    expect(images.pixels.blocks[0]!.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(images).toMatchObject({ width: 4, height: 4, channels: 3, kept: samples });
    expect([...images.pixels.blocks[0]!]).toEqual(expected);
    expect(images.unreadable).toEqual([]);
  });

  it('skips and lists what it cannot read', async () => {
    const folder = await temporaryFolder();
    const samples = ['a.png', 'broken.png', 'b.png', 'missing.png'].map((name) =>
      sampleAt(join(folder, name)),
    );
    const first = await writeNoise(pathOf(samples[0]!), 1, { side: 2 });
    await writeFile(pathOf(samples[1]!), 'not an image');
    const second = await writeNoise(pathOf(samples[2]!), 2, { side: 2 });
    const images = await decodeAll(samples);
    expect(images.kept).toEqual([samples[0], samples[2]]);
    expect([...imageAt(images.pixels, 0), ...imageAt(images.pixels, 1)]).toEqual([
      ...first,
      ...second,
    ]);
    expect(images.unreadable.map(({ path }) => path)).toEqual([
      pathOf(samples[1]!),
      pathOf(samples[3]!),
    ]);
    for (const { path, reason } of images.unreadable) expect(reason).toContain(path);
  });

  it('stretches images of another size to the most common one', async () => {
    const folder = await temporaryFolder();
    const samples = [6, 4, 4].map((side, i) => ({ ...sampleAt(join(folder, `${i}.png`)), side }));
    for (const sample of samples) await writeNoise(pathOf(sample), 1, sample);
    const images = await decodeAll(samples);
    expect(images).toMatchObject({ width: 4, height: 4 });
    expect(images.sizes).toEqual([
      { width: 4, height: 4, count: 2 },
      { width: 6, height: 6, count: 1 },
    ]);
    expect(images.pixels.imageBytes).toBe(4 * 4 * 3);
  });

  it('stores large images at 256 pixels a side, in their proportion', async () => {
    const path = join(await temporaryFolder(), 'large.png');
    const raw = { width: 600, height: 300, channels: 1 } as const;
    await sharp(new Uint8Array(600 * 300).fill(70), { raw }).toFile(path);
    const images = await decodeAll([sampleAt(path)]);
    expect(images).toMatchObject({ width: 256, height: 128 });
    expect(images.sizes).toEqual([{ width: 600, height: 300, count: 1 }]);
  });

  it('cuts each image as its sample says', async () => {
    const path = join(await temporaryFolder(), 'noise.png');
    const pixels = await writeNoise(path, 1, { side: 4 });
    const crop = { kind: 'square', left: 1, top: 2, side: 2 } as const;
    const images = await decodeAll([{ ...sampleAt(path), crop }]);
    expect(images).toMatchObject({ width: 2, height: 2 });
    const row = (y: number): Uint8Array => pixels.slice((4 * y + 1) * 3, (4 * y + 3) * 3);
    expect([...imageAt(images.pixels, 0)]).toEqual([...row(2), ...row(3)]);
  });

  it('reports its progress up to the total', async () => {
    const folder = await temporaryFolder();
    const samples = [0, 1, 2].map((i) => sampleAt(join(folder, `${i}.png`)));
    for (const sample of samples) await writeNoise(pathOf(sample), 1);
    const calls: [number, number][] = [];
    await decodeAll(samples, { onProgress: (done, total) => calls.push([done, total]) });
    expect(calls).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('fails if no image can be read', async () => {
    const path = join(await temporaryFolder(), 'missing.png');
    const error = await trainerError(decodeAll([sampleAt(path)]));
    expect(error.code).toBe('dataset-empty');
    expect(error.message).toContain(path);
  });
});
