import { describe, expect, it } from 'vitest';
import { assign } from '../src/assignment.js';
import { uniform } from './support/narrow-model.js';

/** What an assignment costs: its pairs, and `alone` for each row without one. */
function costOf(costs: number[][], columnOf: readonly number[], alone: number): number {
  return columnOf.reduce((sum, column, row) => sum + (costs[row]![column] ?? alone), 0);
}

/** The least cost of all ways to pair, by trying every one. */
function leastCost(costs: number[][], alone: number, taken = new Set<number>()): number {
  const [row, ...rest] = costs;
  if (!row) return 0;
  let least = alone + leastCost(rest, alone, taken);
  row.forEach((cost, column) => {
    if (taken.has(column) || cost >= alone) return;
    least = Math.min(least, cost + leastCost(rest, alone, new Set(taken).add(column)));
  });
  return least;
}

describe('assign', () => {
  it('pairs nothing with nothing', () => {
    expect(assign([], 1)).toEqual([]);
    expect(assign([[], []], 1)).toEqual([-1, -1]);
  });

  it('takes the least sum, not the nearest first', () => {
    // Nearest first pairs row 0 with column 0 and leaves row 1 with 9: 10 in all, not 4.
    const costs = [
      [1, 2],
      [2, 9],
    ];
    expect(assign(costs, 20)).toEqual([1, 0]);
  });

  it('leaves a row alone whose pairs are as dear as none', () => {
    expect(assign([[3], [1]], 3)).toEqual([-1, 0]);
    expect(assign([[Infinity, 3]], 3)).toEqual([-1]);
  });

  it('leaves a row alone where its pair would cost the others more', () => {
    // With both paired 2.9 + 2.9; with one 0.1 + 3.
    const costs = [
      [0.1, 2.9],
      [2.9, Infinity],
    ];
    expect(assign(costs, 3)).toEqual([0, -1]);
  });

  it('gives no column twice and costs no more than any other way', () => {
    const next = uniform(7);
    for (let trial = 0; trial < 300; trial++) {
      const rows = Math.floor(next() * 6);
      const columns = Math.floor(next() * 6);
      const costs = Array.from({ length: rows }, () =>
        Array.from({ length: columns }, () => (next() < 0.2 ? Infinity : next() * 4)),
      );
      const columnOf = assign(costs, 3);
      const paired = columnOf.filter((column) => column !== -1);
      expect(columnOf).toHaveLength(rows);
      expect(new Set(paired).size).toBe(paired.length);
      expect(costOf(costs, columnOf, 3)).toBeCloseTo(leastCost(costs, 3), 9);
    }
  });

  it('pairs 100 with 100 without trying every way', () => {
    const next = uniform(3);
    const costs = Array.from({ length: 100 }, () => Array.from({ length: 100 }, next));
    const columnOf = assign(costs, 3);
    expect(new Set(columnOf).size).toBe(100);
    // The mean of the least sum for uniform costs tends to π²/6 = 1.64 (Aldous 2001).
    expect(costOf(costs, columnOf, 3)).toBeLessThan(2.5);
  });
});
