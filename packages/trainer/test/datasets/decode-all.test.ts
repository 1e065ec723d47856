import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeAll } from '../../src/datasets/decode-all.js';
import type { Sample } from '../../src/datasets/dataset.js';
import { temporaryFolder, writeNoise } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

function sampleAt(path: string): Sample {
  return { id: path, path, label: 0, group: path };
}

describe('decodeAll', () => {
  it('packs the images in the order of the samples, in memory that threads can share', async () => {
    const folder = await temporaryFolder();
    const samples = Array.from({ length: 12 }, (_, i) => sampleAt(join(folder, `${i}.png`)));
    const expected: number[] = [];
    for (const [i, { path }] of samples.entries()) {
      expected.push(...(await writeNoise(path, i, { side: 4 })));
    }
    const images = await decodeAll(samples, { concurrency: 5 });
    expect(images.pixels).toBeInstanceOf(SharedArrayBuffer);
    expect(images).toMatchObject({ width: 4, height: 4, channels: 3, kept: samples });
    expect([...new Uint8Array(images.pixels)]).toEqual(expected);
    expect(images.unreadable).toEqual([]);
  });

  it('skips and lists what it cannot read', async () => {
    const folder = await temporaryFolder();
    const samples = ['a.png', 'broken.png', 'b.png', 'missing.png'].map((name) =>
      sampleAt(join(folder, name)),
    );
    const first = await writeNoise(samples[0]!.path, 1, { side: 2 });
    await writeFile(samples[1]!.path, 'not an image');
    const second = await writeNoise(samples[2]!.path, 2, { side: 2 });
    const images = await decodeAll(samples);
    expect(images.kept).toEqual([samples[0], samples[2]]);
    expect([...new Uint8Array(images.pixels)]).toEqual([...first, ...second]);
    expect(images.unreadable.map(({ path }) => path)).toEqual([samples[1]!.path, samples[3]!.path]);
    for (const { path, reason } of images.unreadable) expect(reason).toContain(path);
  });

  it('stretches images of another size to the most common one', async () => {
    const folder = await temporaryFolder();
    const samples = [6, 4, 4].map((side, i) => ({ ...sampleAt(join(folder, `${i}.png`)), side }));
    for (const { path, side } of samples) await writeNoise(path, 1, { side });
    const images = await decodeAll(samples);
    expect(images).toMatchObject({ width: 4, height: 4 });
    expect(images.pixels.byteLength).toBe(3 * 4 * 4 * 3);
  });

  it('reports its progress up to the total', async () => {
    const folder = await temporaryFolder();
    const samples = [0, 1, 2].map((i) => sampleAt(join(folder, `${i}.png`)));
    for (const { path } of samples) await writeNoise(path, 1);
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
