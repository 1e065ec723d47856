import { describe, expect, it } from 'vitest';
import { concurrentMap } from '../../src/datasets/concurrent-map.js';

describe('concurrentMap', () => {
  it('keeps the order of the items and never exceeds the number of calls allowed', async () => {
    let active = 0;
    let most = 0;
    const results = await concurrentMap([5, 1, 4, 2, 3], 2, async (item, index) => {
      most = Math.max(most, ++active);
      for (let i = 0; i < item; i++) await Promise.resolve();
      active--;
      return [index, item];
    });
    expect(results).toEqual([
      [0, 5],
      [1, 1],
      [2, 4],
      [3, 2],
      [4, 3],
    ]);
    expect(most).toBe(2);
  });

  it('rejects with the first failure and starts nothing more', async () => {
    const started: number[] = [];
    const work = concurrentMap([1, 2, 3, 4], 1, async (item) => {
      started.push(item);
      await Promise.resolve();
      if (item === 2) throw new Error('two');
    });
    await expect(work).rejects.toThrow('two');
    expect(started).toEqual([1, 2]);
  });
});
