import { describe, expect, it } from 'vitest';
import { averageDecayAt, updateAverage } from '../src/averaging.js';

describe('the decay of the average', () => {
  const config = { decay: 0.99, startEpoch: 2 };
  const at = (step: number): number => averageDecayAt(config, step, 10);

  it('keeps nothing before it starts', () => {
    expect(at(0)).toBe(0);
    expect(at(19)).toBe(0);
  });

  it('grows from its start to the configured value and stays there', () => {
    expect(at(20)).toBeCloseTo(1 / 10, 12);
    expect(at(28)).toBeCloseTo(9 / 18, 12);
    // (1 + t) / (10 + t) = 0.99 at t = 890
    expect(at(20 + 889)).toBeLessThan(0.99);
    expect(at(20 + 891)).toBe(0.99);
    expect(at(1e6)).toBe(0.99);
  });
});

describe('the average', () => {
  it('moves towards the values by what it does not keep', () => {
    const average = Float32Array.of(1, -2, 8);
    updateAverage(average, Float32Array.of(3, 2, 8), 0.75);
    expect([...average]).toEqual([1.5, -1, 8]); // 0.75 * 1 + 0.25 * 3, 0.75 * -2 + 0.25 * 2
  });

  it('is the values themselves where it keeps nothing', () => {
    const average = Float32Array.of(1e30, 0.1);
    updateAverage(average, Float32Array.of(0.3, -1.7), 0);
    expect(average).toEqual(Float32Array.of(0.3, -1.7));
  });
});
