/**
 * `Promise.all` over a list with at most `concurrency` calls under way. The first failure rejects
 * and nothing more is started.
 */
export async function concurrentMap<T, R>(
  items: readonly T[],
  concurrency: number,
  call: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      try {
        results[index] = await call(items[index] as T, index);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
  return results;
}
