import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { concurrentMap } from './concurrent-map.js';

/** Files read at the same time; enough to keep a disk busy. */
const CONCURRENT_READS = 16;

/**
 * The SHA-256 of each file's content, in hexadecimal; `undefined` where a file cannot be read
 * (decoding reports it later).
 */
export async function contentHashes(paths: readonly string[]): Promise<(string | undefined)[]> {
  return concurrentMap(paths, CONCURRENT_READS, async (path) => {
    try {
      return createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    } catch {
      return undefined;
    }
  });
}
