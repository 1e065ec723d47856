import { describe, expect, it } from 'vitest';
import { createRng, Rng } from '../src/rng.js';

describe('Rng', () => {
  it('is xoshiro128**', () => {
    // From state 1, 2, 3, 4 by hand: rotl(2 * 5, 7) * 9 = 11520; then s1 = 0; then s1 = 1029 and
    // rotl(5145, 7) * 9 = 5927040.
    const rng = Rng.fromState([1, 2, 3, 4]);
    expect([rng.uniform(), rng.uniform(), rng.uniform()].map((x) => x * 2 ** 32)).toEqual([
      11520, 0, 5927040,
    ]);
  });

  it('repeats its numbers for the same seed and stream', () => {
    const draw = (): number[] => {
      const rng = createRng(7, 3, 11);
      return [rng.uniform(), rng.normal(), rng.integer(1000)];
    };
    expect(draw()).toEqual(draw());
  });

  it.each([
    ['seed', createRng(2, 3, 4)],
    ['first stream number', createRng(1, 4, 4)],
    ['last stream number', createRng(1, 3, 5)],
    ['length of the stream', createRng(1, 3, 4, 0)],
    ['high word of the seed', createRng(1 + 2 ** 32, 3, 4)],
    ['order of the stream', createRng(1, 4, 3)],
  ])('starts elsewhere when the %s differs', (_, other) => {
    expect(other.state).not.toEqual(createRng(1, 3, 4).state);
  });

  it('draws uncorrelated first numbers in neighbouring streams', () => {
    const count = 20_000;
    const first = Array.from({ length: count }, (_, i) => createRng(1, 0, i).uniform());
    const mean = first.reduce((sum, x) => sum + x, 0) / count;
    let covariance = 0;
    for (let i = 1; i < count; i++) covariance += (first[i]! - 0.5) * (first[i - 1]! - 0.5);
    expect(mean).toBeCloseTo(0.5, 2); // standard error 0.002
    expect(Math.abs((covariance / count) * 12)).toBeLessThan(0.03); // standard error 0.007
  });

  it('goes on from a state that went through JSON', () => {
    const rng = createRng(5);
    rng.uniform();
    const resumed = Rng.fromState(JSON.parse(JSON.stringify(rng.state)) as number[]);
    expect([resumed.normal(), resumed.uniform()]).toEqual([rng.normal(), rng.uniform()]);
  });

  it.each([[[1, 2, 3]], [[0, 0, 0, 0]], [[1, 2, 3, -4]], [[1, 2, 3, 0.5]]])(
    'refuses %j as a state',
    (state) => {
      expect(() => Rng.fromState(state)).toThrow(RangeError);
    },
  );

  it('draws uniform numbers over the whole range and nothing beyond', () => {
    const rng = createRng(1);
    const values = Array.from({ length: 10_000 }, () => rng.uniform(-3, 5));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-3);
    expect(Math.max(...values)).toBeLessThan(5);
    expect(Math.min(...values)).toBeLessThan(-2.9);
    expect(Math.max(...values)).toBeGreaterThan(4.9);
  });

  it('draws normal numbers with mean 0, variance 1 and kurtosis 3', () => {
    const rng = createRng(2);
    const values = Array.from({ length: 50_000 }, () => rng.normal());
    const moment = (power: number): number =>
      values.reduce((sum, x) => sum + x ** power, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(moment(4) / 3).toBeCloseTo(1, 1);
  });

  it.each([
    [0.2, 0.2, 0.5, 0.1786],
    [1, 1, 0.5, 1 / 12],
    [2, 3, 0.4, 0.04],
  ])('draws numbers of Beta(%d, %d) with its mean and variance', (a, b, mean, variance) => {
    const rng = createRng(4);
    const values = Array.from({ length: 20_000 }, () => rng.beta(a, b));
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
    const found = values.reduce((sum, x) => sum + x, 0) / values.length;
    const spread = values.reduce((sum, x) => sum + (x - found) ** 2, 0) / values.length;
    expect(Math.abs(found - mean)).toBeLessThan(0.015); // standard error at most 0.003
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.05);
  });

  it('draws every whole number below the count equally often', () => {
    const rng = createRng(3);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[rng.integer(5)]!++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200); // 5 sigma
  });

  it('shuffles in place, keeps every item and reaches every order', () => {
    const orders = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const items = [1, 2, 3];
      expect(createRng(i).shuffle(items)).toBe(items);
      orders.add(items.join(''));
    }
    expect([...orders].sort()).toEqual(['123', '132', '213', '231', '312', '321']);
  });
});
