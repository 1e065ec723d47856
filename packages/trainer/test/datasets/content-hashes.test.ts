import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentHashes } from '../../src/datasets/content-hashes.js';
import { temporaryFolder } from '../support/image-folders.js';
import { fileAt } from '../support/samples.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('contentHashes', () => {
  it('hashes files in their order, and passes over those that cannot be read', async () => {
    const folder = await temporaryFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    await writeFile(a, 'first');
    await writeFile(b, 'second');
    const sources = [b, join(folder, 'missing'), a, folder].map(fileAt);
    expect(await contentHashes(sources)).toEqual([
      sha256('second'),
      undefined,
      sha256('first'),
      undefined,
    ]);
  });

  it('sees that a file has changed since it was hashed', async () => {
    const file = join(await temporaryFolder(), 'a');
    for (const text of ['one', 'two', 'longer']) {
      await writeFile(file, text);
      expect(await contentHashes([fileAt(file)])).toEqual([sha256(text)]);
      expect(await contentHashes([fileAt(file)])).toEqual([sha256(text)]);
    }
  });

  it('tells tables of the same values and another shape apart', async () => {
    const table = (width: number, height: number) =>
      ({ kind: 'grey', width, height, values: new Uint8Array(6), origin: 'a table' }) as const;
    const [wide, high, again] = await contentHashes([table(3, 2), table(2, 3), table(3, 2)]);
    expect(wide).not.toBe(high);
    expect(wide).toBe(again);
  });
});
