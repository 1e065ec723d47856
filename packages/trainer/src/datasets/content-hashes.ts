import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ImageSource } from '../image.js';
import { concurrentMap } from './concurrent-map.js';

/** Files read at the same time; enough to keep a disk busy. */
const CONCURRENT_READS = 16;

/** Hashes of this process by path, valid while size and time of the file are those they were. */
const known = new Map<string, { readonly version: string; readonly hash: string }>();

/**
 * The SHA-256 of each image's content, in hexadecimal: of the file, or of the table's values with
 * their size; `undefined` where a file cannot be read (decoding reports it later). A file is read
 * once in a process unless it changes: training, its final evaluation and further folds share it.
 */
export async function contentHashes(
  sources: readonly ImageSource[],
): Promise<(string | undefined)[]> {
  return concurrentMap(sources, CONCURRENT_READS, async (source) => {
    if (source.kind === 'file') return hashOfFile(source.path).catch(() => undefined);
    const { width, height, values } = source;
    return createHash('sha256').update(`${width}x${height}:`).update(values).digest('hex');
  });
}

async function hashOfFile(path: string): Promise<string> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  const version = [size, mtimeNs, ino].join();
  const before = known.get(path);
  if (before?.version === version) return before.hash;
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  known.set(path, { version, hash });
  return hash;
}
