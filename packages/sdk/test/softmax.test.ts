import { describe, expect, it } from 'vitest';
import { softmax } from '../src/softmax.js';

describe('softmax', () => {
  it('gives exp(z) over the sum of all', () => {
    // exp(0), exp(ln 2), exp(ln 5) = 1, 2, 5 of 8
    const probabilities = softmax([0, Math.log(2), Math.log(5)], 1);
    [1 / 8, 2 / 8, 5 / 8].forEach((expected, i) => {
      expect(probabilities[i]).toBeCloseTo(expected, 12);
    });
  });

  it('divides the logits by the temperature', () => {
    const cooled = softmax([0, 2 * Math.log(3)], 2); // as [0, ln 3]: 1/4, 3/4
    expect(cooled[1]).toBeCloseTo(0.75, 12);
  });

  it('stays finite for logits whose exponential is not', () => {
    expect(softmax([1000, 1000, -1000], 1)).toEqual([0.5, 0.5, 0]);
  });
});
