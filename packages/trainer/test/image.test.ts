import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeImage, resizeImage } from '../src/image.js';
import { temporaryFolder, writeNoise } from './support/image-folders.js';
import { trainerError } from './support/trainer-error.js';

describe('decodeImage', () => {
  it('gives back the RGB pixels that were stored', async () => {
    const path = join(await temporaryFolder(), 'colour.png');
    const pixels = await writeNoise(path, 1, { side: 5 });
    const image = await decodeImage(path);
    expect(image).toMatchObject({ width: 5, height: 5, channels: 3 });
    expect([...image.data]).toEqual([...pixels]);
  });

  it('repeats grey in the three channels', async () => {
    const path = join(await temporaryFolder(), 'grey.png');
    const pixels = await writeNoise(path, 2, { side: 4, channels: 1 });
    const image = await decodeImage(path);
    expect([...image.data]).toEqual([...pixels].flatMap((value) => [value, value, value]));
  });

  it('drops transparency', async () => {
    const path = join(await temporaryFolder(), 'transparent.png');
    const pixels = await writeNoise(path, 3, { side: 3, channels: 4 });
    const image = await decodeImage(path);
    expect([...image.data]).toEqual([...pixels].filter((_, i) => i % 4 !== 3));
  });

  it.each([
    ['is missing', undefined],
    ['is empty', new Uint8Array()],
    ['is no image', new TextEncoder().encode('not an image')],
  ])('names the file that %s', async (_, content) => {
    const path = join(await temporaryFolder(), 'broken.jpg');
    if (content) await writeFile(path, content);
    const error = await trainerError(decodeImage(path));
    expect(error.code).toBe('image-unreadable');
    expect(error.message).toContain(path);
  });

  it.each(['cut.jpg', 'cut.png'])('refuses %s, which ends in the middle', async (name) => {
    const path = join(await temporaryFolder(), name);
    await writeNoise(path, 4, { side: 64 });
    const content = await readFile(path);
    await writeFile(path, content.subarray(0, content.length / 2));
    expect((await trainerError(decodeImage(path))).code).toBe('image-unreadable');
  });
});

describe('resizeImage', () => {
  it('stretches to the size asked for', async () => {
    const image = { width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(90) } as const;
    const resized = await resizeImage(image, 5, 3);
    expect(resized).toMatchObject({ width: 5, height: 3, channels: 3 });
    expect([...resized.data]).toEqual(new Array(45).fill(90));
  });
});
