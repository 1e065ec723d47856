import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../src/config.js';
import { bestOfStage, chosenEpoch, type SelectBy } from '../src/selection.js';
import type { EpochRecord } from '../src/train.js';

/** A record of which only the figures matter. */
function record(stage: number, epoch: number, all: number, classes: number): EpochRecord {
  return {
    ...{ stage, epoch, dataset: 'raf-db', imageSize: 64, learningRate: 1e-3, seconds: 1 },
    ...{ loss: 1, classification: 1, compactness: 1, distribution: 1, trainAccuracy: 0.5 },
    ...{ validationLoss: 1, validationAccuracy: all, validationMeanClassAccuracy: classes },
  };
}

const HISTORY = [
  record(0, 0, 0.9, 0.9),
  record(1, 0, 0.7, 0.6),
  record(1, 1, 0.8, 0.5),
  record(1, 2, 0.8, 0.5),
  record(1, 3, 0.6, 0.66),
  record(1, 4, 0.78, 0.53),
];

describe('the best epoch of a stage', () => {
  it.each<[SelectBy, number]>([
    ['accuracy', 1], // the first of two equal ones
    ['mean-class-accuracy', 3],
    ['blend', 4], // 0.655; the others 0.65, 0.65, 0.65, 0.63
  ])('by %s is epoch %d', (selectBy, epoch) => {
    expect(bestOfStage(HISTORY, 1, selectBy)?.epoch).toBe(epoch);
  });

  it('is nothing where the stage has no epoch yet', () => {
    expect(bestOfStage(HISTORY, 2, 'accuracy')).toBeUndefined();
  });
});

describe('the chosen epoch', () => {
  it('says by which figure of which data it was chosen', () => {
    const config = { ...DEFAULT_CONFIG, selectBy: 'blend' } as const;
    const chosen = chosenEpoch(HISTORY[5]!, HISTORY, config);
    expect(chosen).toMatchObject({ stage: 1, epoch: 4 });
    expect(chosen.reason).toContain(
      'Highest mean of accuracy and mean-class accuracy on the validation split of raf-db ' +
        '(65.50 %) of the 5 epoch(s)',
    );
  });
});
