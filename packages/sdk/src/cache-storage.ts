/**
 * Runs with one of the stores that the browser keeps for this origin; `undefined` where there is none
 * (insecure or private pages) or it fails: a visit without the store is slower, nothing else.
 */
export async function withCache<T>(
  name: string,
  use: (cache: Cache) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await use(await caches.open(name));
  } catch {
    return undefined;
  }
}
