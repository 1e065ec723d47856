import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../src/results.js';
import { createRng } from '../../src/rng.js';
import { compareRows } from '../../src/statistics/compare-rows.js';
import { mcnemarPValue } from '../../src/statistics/mcnemar.js';
import { pairedBootstrapInterval } from '../../src/statistics/paired-bootstrap.js';
import { spreadOf } from '../../src/statistics/spread.js';

describe('spreadOf', () => {
  it('gives the mean and the sample standard deviation', () => {
    // Deviations -3, -1, 1, 3: squares sum to 20, over n - 1 = 3.
    const { mean, standardDeviation, values } = spreadOf([1, 3, 5, 7]);
    expect(mean).toBe(4);
    expect(standardDeviation).toBeCloseTo(Math.sqrt(20 / 3), 12);
    expect(values).toEqual([1, 3, 5, 7]);
  });

  it('has no spread of one value, and refuses none', () => {
    expect(spreadOf([0.5])).toMatchObject({ mean: 0.5, standardDeviation: 0 });
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('mcnemarPValue', () => {
  // 2 * sum of C(n, k) / 2^n over k <= min; worked out in fractions.
  it.each([
    [1, 8, 0.0390625], // 2 * (1 + 9) / 512
    [0, 6, 0.03125], // 2 * 1 / 64
    [10, 30, 0.0022214337732293643],
    [900, 1100, 8.457089535503927e-6], // 2^-2000 is no double
  ])('of %i against %i is %f', (b, c, expected) => {
    expect(mcnemarPValue(b, c) / expected).toBeCloseTo(1, 9);
    expect(mcnemarPValue(c, b)).toBe(mcnemarPValue(b, c));
  });

  it('is 1 where the two are even or never disagree', () => {
    expect(mcnemarPValue(5, 5)).toBe(1);
    expect(mcnemarPValue(0, 0)).toBe(1);
  });
});

describe('pairedBootstrapInterval', () => {
  it('agrees with the normal approximation where there are many images', () => {
    // Of 2,000 images 200 speak for the first and 100 for the second: the mean is 0.05, the variance
    // of one image 0.15 - 0.05^2, the standard error sqrt(0.1475 / 2000) = 0.008588.
    const units = Array.from({ length: 2000 }, (_, i) => ({
      images: 1,
      difference: i < 200 ? 1 : i < 300 ? -1 : 0,
    }));
    const [low, high] = pairedBootstrapInterval(units, 1);
    expect(low).toBeCloseTo(0.05 - 1.96 * 0.008588, 3);
    expect(high).toBeCloseTo(0.05 + 1.96 * 0.008588, 3);
  });

  it('is the same for the same seed and another for another', () => {
    const rng = createRng(2);
    const units = Array.from({ length: 50 }, () => ({ images: 3, difference: rng.normal() }));
    expect(pairedBootstrapInterval(units, 1)).toEqual(pairedBootstrapInterval(units, 1));
    expect(pairedBootstrapInterval(units, 1)).not.toEqual(pairedBootstrapInterval(units, 2));
  });

  it('is wider by sqrt(3) where images come in threes that agree', () => {
    const single = Array.from({ length: 900 }, (_, i) => ({
      images: 1,
      difference: i % 3 ? 0 : i % 2 || -1,
    }));
    const threes = single.slice(0, 300).map(({ difference }) => ({
      images: 3,
      difference: 3 * difference,
    }));
    const width = ([low, high]: [number, number]): number => high - low;
    const ratio =
      width(pairedBootstrapInterval(threes, 1)) / width(pairedBootstrapInterval(single, 1));
    expect(ratio / Math.sqrt(3)).toBeCloseTo(1, 1);
  });
});

/** Predictions that hit or miss as told, of images in subjects of two. */
function predictions(hits: readonly boolean[]): Prediction[] {
  return hits.map((hit, i) => ({
    id: `image-${i}`,
    group: `subject-${Math.floor(i / 2)}`,
    truth: i % 2,
    probabilities: hit === (i % 2 === 0) ? [0.6, 0.4] : [0.4, 0.6],
  }));
}

describe('compareRows', () => {
  const rng = createRng(3);
  const full = { name: 'full', predictions: predictions(Array.from({ length: 40 }, () => true)) };
  const worse = {
    name: 'without ECA',
    // 30 of 40 are right: the first is right alone on 10.
    predictions: predictions(rng.shuffle(Array.from({ length: 40 }, (_, i) => i >= 10))),
  };

  it('counts who is right alone', () => {
    const comparison = compareRows(full, worse, ({ id }) => id, 1);
    expect(comparison.rows).toEqual(['full', 'without ECA']);
    expect(comparison.difference).toBeCloseTo(0.25, 12);
    expect(comparison.mcnemar).toMatchObject({ onlyFirst: 10, onlySecond: 0 });
    expect(comparison.mcnemar.pValue).toBeCloseTo(2 / 2 ** 10, 12);
    const [low, high] = comparison.interval;
    expect(low).toBeGreaterThan(0);
    expect(high).toBeGreaterThan(0.25);
  });

  it('changes its sign and keeps its p-value the other way round', () => {
    const [there, back] = [
      compareRows(full, worse, ({ group }) => group, 1),
      compareRows(worse, full, ({ group }) => group, 1),
    ];
    expect(back.difference).toBe(-there.difference);
    expect(back.mcnemar.pValue).toBe(there.mcnemar.pValue);
    expect(back.interval).toEqual(there.interval.map((end) => -end).reverse());
  });

  it.each([
    ['other images', worse.predictions.map((p) => ({ ...p, id: `${p.id}x` })), 'image-0'],
    ['fewer images', worse.predictions.slice(0, 39), 'image-39'],
    ['other labels', worse.predictions.map((p) => ({ ...p, truth: 1 - p.truth })), 'image-0'],
  ])('refuses rows of %s', (_, others, named) => {
    expect(() => compareRows(full, { ...worse, predictions: others }, ({ id }) => id, 1)).toThrow(
      expect.objectContaining({
        code: 'job-mismatch',
        message: expect.stringContaining(named) as string,
      }),
    );
  });
});
