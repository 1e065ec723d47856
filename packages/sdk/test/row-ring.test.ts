import { describe, expect, it } from 'vitest';
import { RowRing } from '../src/row-ring.js';

const rowsOf = (ring: RowRing): number[][] =>
  Array.from({ length: ring.length }, (_, i) => [...ring.row(i)]);

describe('RowRing', () => {
  it('gives rows in the order in which they came', () => {
    const ring = new RowRing(2, 10);
    ring.push([1, 2]);
    ring.push([3, 4]);
    expect(rowsOf(ring)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('grows up to its limit and no further', () => {
    const ring = new RowRing(1, 5000);
    for (let i = 0; i < 5000; i++) ring.push([i]);
    expect(ring.isFull).toBe(true);
    expect(rowsOf(ring).map(([value]) => value)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    expect(() => ring.push([0])).toThrow(RangeError);
  });

  it('takes new rows in place of the oldest, over and over', () => {
    const ring = new RowRing(1, 3);
    for (let i = 0; i < 100; i++) {
      if (ring.isFull) ring.shift();
      ring.push([i]);
    }
    expect(rowsOf(ring)).toEqual([[97], [98], [99]]);
  });

  it('keeps the order when it grows after rows were taken out', () => {
    const ring = new RowRing(1, 4000);
    for (let i = 0; i < 1000; i++) ring.push([i]);
    for (let i = 0; i < 500; i++) ring.shift();
    for (let i = 1000; i < 3000; i++) ring.push([i]);
    expect(rowsOf(ring).map(([value]) => value)).toEqual(
      Array.from({ length: 2500 }, (_, i) => i + 500),
    );
  });

  it('gives up nothing where there is nothing', () => {
    const ring = new RowRing(1, 3);
    ring.shift();
    expect(ring.length).toBe(0);
  });
});
