import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeAtSize, decodeImage, sizeOfImage, type ImageSource } from '../src/image.js';
import { temporaryFolder, writeNoise } from './support/image-folders.js';
import { fileAt } from './support/samples.js';
import { trainerError } from './support/trainer-error.js';

describe('decodeImage', () => {
  it('gives back the RGB pixels that were stored', async () => {
    const path = join(await temporaryFolder(), 'colour.png');
    const pixels = await writeNoise(path, 1, { side: 5 });
    const image = await decodeImage(fileAt(path));
    expect(image).toMatchObject({ width: 5, height: 5, channels: 3 });
    expect([...image.data]).toEqual([...pixels]);
  });

  it('repeats grey in the three channels', async () => {
    const path = join(await temporaryFolder(), 'grey.png');
    const pixels = await writeNoise(path, 2, { side: 4, channels: 1 });
    const image = await decodeImage(fileAt(path));
    expect([...image.data]).toEqual([...pixels].flatMap((value) => [value, value, value]));
  });

  it('drops transparency', async () => {
    const path = join(await temporaryFolder(), 'transparent.png');
    const pixels = await writeNoise(path, 3, { side: 3, channels: 4 });
    const image = await decodeImage(fileAt(path));
    expect([...image.data]).toEqual([...pixels].filter((_, i) => i % 4 !== 3));
  });

  it.each([
    ['is missing', undefined],
    ['is empty', new Uint8Array()],
    ['is no image', new TextEncoder().encode('not an image')],
  ])('names the file that %s', async (_, content) => {
    const path = join(await temporaryFolder(), 'broken.jpg');
    if (content) await writeFile(path, content);
    const error = await trainerError(decodeImage(fileAt(path)));
    expect(error.code).toBe('image-unreadable');
    expect(error.message).toContain(path);
  });

  it.each(['cut.jpg', 'cut.png'])('refuses %s, which ends in the middle', async (name) => {
    const path = join(await temporaryFolder(), name);
    await writeNoise(path, 4, { side: 64 });
    const content = await readFile(path);
    await writeFile(path, content.subarray(0, content.length / 2));
    expect((await trainerError(decodeImage(fileAt(path)))).code).toBe('image-unreadable');
  });
});

/** Grey values of a table as an image. */
function table(width: number, height: number, values: readonly number[]): ImageSource {
  return { kind: 'grey', width, height, values: Uint8Array.from(values), origin: 'a table' };
}

describe('an image in a table', () => {
  it('is decoded like a grey file', async () => {
    const source = table(2, 1, [7, 250]);
    expect(await sizeOfImage(source)).toEqual({ width: 2, height: 1 });
    const image = await decodeImage(source);
    expect(image).toMatchObject({ width: 2, height: 1, channels: 3 });
    expect([...image.data]).toEqual([7, 7, 7, 250, 250, 250]);
  });
});

describe('a photograph taken with the camera turned', () => {
  it('is turned upright, in its size and in its pixels', async () => {
    const path = join(await temporaryFolder(), 'turned.png');
    const raw = { width: 3, height: 2, channels: 1 } as const;
    // EXIF orientation 6: the stored left column is the top row, read from below.
    await sharp(Uint8Array.of(1, 2, 3, 4, 5, 6), { raw })
      .withMetadata({ orientation: 6 })
      .toFile(path);
    const upright = [4, 1, 5, 2, 6, 3].flatMap((value) => [value, value, value]);
    const size = { width: 2, height: 3 };
    expect(await sizeOfImage(fileAt(path))).toEqual(size);
    expect([...(await decodeImage(fileAt(path))).data]).toEqual(upright);
    expect([...(await decodeAtSize(fileAt(path), undefined, size)).data]).toEqual(upright);
  });
});

describe('decodeAtSize', () => {
  const red = ({ data }: { readonly data: Uint8Array }): number[] =>
    [...data].filter((_, i) => i % 3 === 0);

  it('gives back the pixels where nothing is cut and nothing stretched', async () => {
    const path = join(await temporaryFolder(), 'noise.png');
    const pixels = await writeNoise(path, 5, { side: 7 });
    const image = await decodeAtSize(fileAt(path), undefined, { width: 7, height: 7 });
    expect([...image.data]).toEqual([...pixels]);
  });

  it('stretches to the size asked for', async () => {
    const image = await decodeAtSize(table(2, 2, [90, 90, 90, 90]), undefined, {
      width: 5,
      height: 3,
    });
    expect(image).toMatchObject({ width: 5, height: 3, channels: 3 });
    expect([...image.data]).toEqual(new Array(45).fill(90));
  });

  it('cuts the largest square from the middle', async () => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 8];
    const middle = await decodeAtSize(
      table(4, 2, rows),
      { kind: 'centre-square' },
      {
        width: 2,
        height: 2,
      },
    );
    expect(red(middle)).toEqual([2, 3, 6, 7]);
  });

  it('cuts a square that reaches beyond the image by repeating the edge', async () => {
    const square = { kind: 'square', left: -1, top: 1, side: 3 } as const;
    const cut = await decodeAtSize(table(3, 2, [1, 2, 3, 4, 5, 6]), square, {
      width: 3,
      height: 3,
    });
    expect(red(cut)).toEqual([4, 4, 5, 4, 4, 5, 4, 4, 5]);
  });
});
