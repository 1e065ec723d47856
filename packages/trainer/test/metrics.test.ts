import { describe, expect, it } from 'vitest';
import { computeMetrics, formatTable } from '../src/metrics.js';

const LABELS = ['a', 'b', 'c'];

/** Rows of probabilities that predict the given classes with the given confidence. */
function predicting(predictions: readonly number[], confidence = 0.8): number[] {
  const rest = (1 - confidence) / 2;
  return predictions.flatMap((prediction) =>
    LABELS.map((_, k) => (k === prediction ? confidence : rest)),
  );
}

describe('computeMetrics', () => {
  // true a a a a b b c c c c, predicted a a a b b a c c b b: 6 of 10 right.
  const metrics = computeMetrics(
    [0, 0, 0, 0, 1, 1, 2, 2, 2, 2],
    predicting([0, 0, 0, 1, 1, 0, 2, 2, 1, 1]),
    LABELS,
  );

  it('counts true classes in rows and predicted ones in columns', () => {
    expect(metrics.confusionMatrix).toEqual([
      [3, 1, 0],
      [1, 1, 0],
      [0, 2, 2],
    ]);
    expect(metrics.count).toBe(10);
    expect(metrics.labels).toEqual(LABELS);
  });

  it('computes accuracy and the mean of the recalls', () => {
    expect(metrics.accuracy).toBeCloseTo(0.6, 12);
    expect(metrics.meanClassAccuracy).toBeCloseTo((3 / 4 + 1 / 2 + 2 / 4) / 3, 12);
  });

  it('computes precision, recall, F1 and support of each class', () => {
    expect(metrics.perClass.map(({ support }) => support)).toEqual([4, 2, 4]);
    const [a, b, c] = metrics.perClass;
    expect(a).toMatchObject({ label: 'a', precision: 3 / 4, recall: 3 / 4, f1: 3 / 4 });
    expect(b).toMatchObject({ label: 'b', precision: 1 / 4, recall: 1 / 2 });
    expect(b!.f1).toBeCloseTo(1 / 3, 12); // 2 * 1 / (2 + 4)
    expect(c).toMatchObject({ label: 'c', precision: 1, recall: 1 / 2 });
    expect(c!.f1).toBeCloseTo(2 / 3, 12); // 2 * 2 / (4 + 2)
    expect(metrics.macroF1).toBeCloseTo((3 / 4 + 1 / 3 + 2 / 3) / 3, 12);
  });

  it('leaves a class without images out of the mean recall', () => {
    const { meanClassAccuracy, perClass } = computeMetrics(
      [0, 0, 1],
      predicting([0, 1, 1]),
      LABELS,
    );
    expect(meanClassAccuracy).toBeCloseTo((1 / 2 + 1) / 2, 12);
    expect(perClass[2]).toMatchObject({ precision: 0, recall: 0, f1: 0, support: 0 });
  });

  it('counts a class without images in macro F1 only if it is predicted', () => {
    expect(computeMetrics([0, 1], predicting([0, 1]), LABELS).macroF1).toBe(1);
    expect(computeMetrics([0, 1, 1], predicting([0, 1, 2]), LABELS).macroF1).toBeCloseTo(
      (1 + 2 / 3 + 0) / 3,
      12,
    );
  });

  it('measures how far confidence is from accuracy, bin by bin', () => {
    // Bin of 0.8: 4 images, 2 right, distance 0.3. Bin of 0.5: 2 images, 2 right, distance 0.5.
    const { expectedCalibrationError } = computeMetrics(
      [0, 0, 1, 1, 2, 2],
      [...predicting([0, 1, 1, 0], 0.8), ...predicting([2, 2], 0.5)],
      LABELS,
    );
    expect(expectedCalibrationError).toBeCloseTo((4 / 6) * 0.3 + (2 / 6) * 0.5, 12);
  });

  it('finds no calibration error in certain and right predictions', () => {
    const { expectedCalibrationError } = computeMetrics([0, 1], predicting([0, 1], 1), LABELS);
    expect(expectedCalibrationError).toBe(0);
  });

  it('predicts the first of equally probable classes', () => {
    const { confusionMatrix } = computeMetrics([2], [0.2, 0.4, 0.4], LABELS);
    expect(confusionMatrix[2]).toEqual([0, 1, 0]);
  });

  it.each([
    ['no image', [], []],
    ['too few probabilities', [0, 1], [1, 0, 0]],
    ['a class that does not exist', [3], [1, 0, 0]],
  ])('refuses %s', (_, truth, probabilities) => {
    expect(() => computeMetrics(truth, probabilities, LABELS)).toThrow(RangeError);
  });
});

describe('formatTable', () => {
  it('shows the confusion matrix, the figures of each class and the totals', () => {
    const table = formatTable(computeMetrics([0, 0, 1], predicting([0, 1, 1]), LABELS));
    const lines = table.split('\n').map((line) => line.trim().split(/\s{2,}/));
    expect(lines[0]).toEqual([
      'true \\ predicted',
      ...LABELS,
      'count',
      'recall',
      'precision',
      'F1',
    ]);
    expect(lines[2]).toEqual(['a', '1', '1', '0', '2', '50.0 %', '100.0 %', '66.7 %']);
    expect(lines[4]).toEqual(['c', '0', '0', '0', '0', '-', '0.0 %', '0.0 %']);
    expect(lines).toContainEqual(['accuracy', '66.67 %']);
    expect(lines).toContainEqual(['mean class accuracy', '75.00 %']);
    expect(lines).toContainEqual(['images', '3']);
  });
});
