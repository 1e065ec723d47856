import { describe, expect, it } from 'vitest';
import { withMissedFaces } from '../../src/end-to-end/missed-faces.js';
import { computeMetrics } from '../../src/metrics.js';

const LABELS = ['a', 'b', 'c'];
/** a: 2 right; b: 1 right, 1 taken for a; c: no image. */
const FOUND = computeMetrics(
  [0, 0, 1, 1],
  [0.8, 0.1, 0.1, 0.8, 0.1, 0.1, 0.1, 0.8, 0.1, 0.8, 0.1, 0.1],
  LABELS,
);

describe('metrics with missed faces', () => {
  it('are those of the faces found where none was missed', () => {
    expect(withMissedFaces(FOUND, [0, 0, 0])).toEqual(FOUND);
  });

  it('count a missed face as wrong', () => {
    const all = withMissedFaces(FOUND, [2, 0, 1]);
    expect(all.count).toBe(7);
    expect(all.accuracy).toBeCloseTo(3 / 7, 12);
    expect(all.perClass.map(({ recall }) => recall)).toEqual([2 / 4, 1 / 2, 0]);
    expect(all.perClass.map(({ support }) => support)).toEqual([4, 2, 1]);
    expect(all.perClass.map(({ precision }) => precision)).toEqual([2 / 3, 1, 0]);
    expect(all.meanClassAccuracy).toBeCloseTo(1 / 3, 12);
    // F1 by hand: a 2 (2/3 1/2) / (2/3 + 1/2) = 4/7, b 2 (1 1/2) / (3/2) = 2/3, c 0
    expect(all.macroF1).toBeCloseTo((4 / 7 + 2 / 3) / 3, 12);
    expect(all.confusionMatrix).toEqual(FOUND.confusionMatrix);
  });
});
