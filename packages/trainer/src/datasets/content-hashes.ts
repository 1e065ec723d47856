import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ImageSource } from '../image.js';
import { concurrentMap } from './concurrent-map.js';

/** Files read at the same time; enough to keep a disk busy. */
const CONCURRENT_READS = 16;

/**
 * The SHA-256 of each image's content, in hexadecimal: of the file, or of the table's values with
 * their size; `undefined` where a file cannot be read (decoding reports it later).
 */
export async function contentHashes(
  sources: readonly ImageSource[],
): Promise<(string | undefined)[]> {
  return concurrentMap(sources, CONCURRENT_READS, async (source) => {
    const hash = createHash('sha256');
    if (source.kind === 'grey') {
      return hash.update(`${source.width}x${source.height}:`).update(source.values).digest('hex');
    }
    try {
      return hash.update(await readFile(source.path)).digest('hex');
    } catch {
      return undefined;
    }
  });
}
