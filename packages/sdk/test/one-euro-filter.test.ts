import { describe, expect, it } from 'vitest';
import { OneEuroFilter } from '../src/one-euro-filter.js';
import { uniform } from './support/narrow-model.js';

const AT_30_HZ = 1 / 30;

/** The deviation of the filtered value from 0, of noise of deviation 1. */
function deviationAtRest(minCutoffHz: number, steps = 3000): number {
  const next = uniform(1);
  const noise = () => (next() - 0.5) * Math.sqrt(12); // uniform, deviation 1
  const filter = new OneEuroFilter([noise()], {
    minCutoffHz,
    cutoffHzPerSpeed: 0,
    speedCutoffHz: 1,
  });
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    filter.update([noise()], AT_30_HZ);
    sum += filter.values[0]! ** 2;
  }
  return Math.sqrt(sum / steps);
}

/** How far the filtered value is behind one that moves at a speed. */
function lagAt(speed: number, cutoffHzPerSpeed: number, unit?: number): number {
  const filter = new OneEuroFilter([0], { minCutoffHz: 1, cutoffHzPerSpeed, speedCutoffHz: 1 });
  const steps = 300;
  for (let i = 1; i <= steps; i++) filter.update([speed * i * AT_30_HZ], AT_30_HZ, unit);
  return speed * steps * AT_30_HZ - filter.values[0]!;
}

describe('OneEuroFilter', () => {
  it('takes the first measurement as it is', () => {
    const filter = new OneEuroFilter([3, -4], {
      minCutoffHz: 1,
      cutoffHzPerSpeed: 1,
      speedCutoffHz: 1,
    });
    expect(filter.values).toEqual([3, -4]);
    expect(filter.speeds).toEqual([0, 0]);
  });

  it('gives the numbers of the paper’s algorithm', () => {
    const filter = new OneEuroFilter([10], {
      minCutoffHz: 2,
      cutoffHzPerSpeed: 0.5,
      speedCutoffHz: 1,
    });
    filter.update([14], 0.1);
    // By hand: speed weight 2π·1·0.1 / (that + 1) = 0.385870; speed 0.385870 · 40 = 15.4348
    // cutoff 2 + 0.5 · 15.4348 = 9.71740 Hz; weight 6.10562 / 7.10562 = 0.859266
    expect(filter.speeds[0]).toBeCloseTo(15.4348, 3);
    expect(filter.values[0]).toBeCloseTo(10 + 0.859266 * 4, 4);
  });

  it('takes jitter away at rest, more with a lower cutoff', () => {
    // Exponential smoothing with weight w leaves sqrt(w / (2 - w)): 0.308 for 1 Hz, 0.641 for 4 Hz
    expect(deviationAtRest(1)).toBeCloseTo(0.308, 1);
    expect(deviationAtRest(4)).toBeCloseTo(0.543, 1);
  });

  it('lags less in motion the more the cutoff rises with speed', () => {
    // v / (2π fc), less what the steps of time round off
    expect(lagAt(2, 0)).toBeCloseTo(2 / (2 * Math.PI), 2);
    expect(lagAt(2, 5)).toBeCloseTo(2 / (2 * Math.PI * 11), 2);
  });

  describe('where it is said how much a measurement jitters at most', () => {
    const parameters = {
      minCutoffHz: 1,
      cutoffHzPerSpeed: 0,
      speedCutoffHz: 1,
      largestJitter: 0.1,
    };

    it('stays that close to what was measured, in the unit that is given', () => {
      const filter = new OneEuroFilter([0], parameters);
      filter.update([50], AT_30_HZ, 10);
      expect(filter.values[0]).toBeCloseTo(49, 9);
      filter.update([-50], AT_30_HZ, 10);
      expect(filter.values[0]).toBeCloseTo(-49, 9);
    });

    it('takes the speed of a motion for that between two measurements, less what both may jitter', () => {
      const filter = new OneEuroFilter([0], parameters);
      filter.update([5], 0.1);
      expect(filter.speeds[0]).toBeCloseTo((5 - 0.2) / 0.1, 9);
    });

    it('filters smaller changes as ever', () => {
      const [bounded, free] = [parameters, { ...parameters, largestJitter: Infinity }].map(
        (each) => new OneEuroFilter([0], each),
      );
      for (const filter of [bounded!, free!]) filter.update([0.1], AT_30_HZ);
      expect(bounded!.values).toEqual(free!.values);
      expect(bounded!.values[0]).toBeLessThan(0.05);
    });
  });

  it('behaves the same for the same motion in another unit', () => {
    expect(lagAt(200, 5, 100)).toBeCloseTo(100 * lagAt(2, 5), 9);
  });

  it('comes to the same place at another frame rate', () => {
    const after = (steps: number): number => {
      const filter = new OneEuroFilter([0], {
        minCutoffHz: 1,
        cutoffHzPerSpeed: 0,
        speedCutoffHz: 1,
      });
      for (let i = 0; i < steps; i++) filter.update([1], 0.3 / steps);
      return filter.values[0]!;
    };
    expect(after(200)).toBeCloseTo(1 - Math.exp(-2 * Math.PI * 0.3), 2);
    expect(after(30)).toBeCloseTo(after(200), 1);
  });

  it('stays where it is when no time has passed', () => {
    const filter = new OneEuroFilter([1], {
      minCutoffHz: 1,
      cutoffHzPerSpeed: 1,
      speedCutoffHz: 1,
    });
    filter.update([5], 0);
    expect(filter.values).toEqual([1]);
    expect(filter.speeds).toEqual([0]);
  });

  it('forgets the old place after a long gap', () => {
    const filter = new OneEuroFilter([0], {
      minCutoffHz: 1,
      cutoffHzPerSpeed: 0,
      speedCutoffHz: 1,
    });
    filter.update([10], 5);
    expect(filter.values[0]).toBeGreaterThan(9.5);
  });
});
