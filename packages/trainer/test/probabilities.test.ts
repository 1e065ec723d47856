import { describe, expect, it } from 'vitest';
import { argmaxRows, meanCrossEntropy, softmaxRows } from '../src/probabilities.js';

describe('softmaxRows', () => {
  it('gives each row the shares of its exponentials', () => {
    // exp(ln 3) : exp(0) = 3 : 1
    const rows = softmaxRows([Math.log(3), 0, 0, 0], 2);
    expect([...rows]).toEqual([expect.closeTo(0.75), expect.closeTo(0.25), 0.5, 0.5]);
  });

  it('gets less certain with a higher temperature', () => {
    // exp(ln 9 / 2) = 3
    expect(softmaxRows([Math.log(9), 0], 2, 2)[0]).toBeCloseTo(0.75);
  });

  it('does not overflow', () => {
    expect([...softmaxRows([1000, 1000], 2)]).toEqual([0.5, 0.5]);
  });

  it('refuses a part of a row', () => {
    expect(() => softmaxRows([1, 2, 3], 2)).toThrow(RangeError);
  });
});

describe('argmaxRows', () => {
  it('finds the first largest value of each row', () => {
    expect(argmaxRows([1, 3, 2, 5, 5, 4], 3)).toEqual([1, 0]);
  });
});

describe('meanCrossEntropy', () => {
  it('is the mean of -ln of the probability of the right class', () => {
    // probabilities 1/4 and 1/2
    expect(meanCrossEntropy([Math.log(3), 0, 7, 7], [1, 0], 2)).toBeCloseTo(
      (Math.log(4) + Math.log(2)) / 2,
      12,
    );
  });
});
