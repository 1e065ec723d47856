import { withCache } from './cache-storage.js';

/** Name of the store that the browser keeps for this origin. */
const CACHE = 'emotion-cam-weights';

/** The file's address with the hash of its content: another content is another entry. */
function keyOf(url: URL, sha256: string): string {
  const key = new URL(url);
  key.hash = '';
  key.searchParams.set('sha256', sha256);
  return key.href;
}

/**
 * What an earlier visit stored of a file. Whoever reads it checks it: disks fail, and other scripts of
 * the page can write there.
 *
 * @param sha256 - of its content, hexadecimal
 */
export function readStored(url: URL, sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return withCache(CACHE, async (cache) => {
    const response = await cache.match(keyOf(url, sha256));
    return response && new Uint8Array(await response.arrayBuffer());
  });
}

/** Stores a file for later visits, in place of the same file with another content. */
export async function store(
  url: URL,
  sha256: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await withCache(CACHE, async (cache) => {
    for (const { url: other } of await cache.keys(url, { ignoreSearch: true })) {
      if (other !== keyOf(url, sha256)) await cache.delete(other);
    }
    await cache.put(keyOf(url, sha256), new Response(bytes));
  });
}

/** Throws away what was stored of a file. */
export async function removeStored(url: URL, sha256: string): Promise<void> {
  await withCache(CACHE, (cache) => cache.delete(keyOf(url, sha256)));
}
