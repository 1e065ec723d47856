import { mean } from './statistics/mean.js';
import { alignedTable } from './aligned-table.js';
import { percent } from './percent.js';
import { argmaxRows } from './probabilities.js';

/** Figures of one class; every share is 0..1. */
export interface ClassMetrics {
  readonly label: string;
  /** Of the images predicted as this class, the share that is; 0 if none is predicted. */
  readonly precision: number;
  /** Of the images of this class, the share that is predicted as it; 0 if there is none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Images of this class. */
  readonly support: number;
}

/** What an evaluation reports; plain JSON. */
export interface Metrics {
  readonly count: number;
  readonly accuracy: number;
  /** Mean recall of the classes that have images. */
  readonly meanClassAccuracy: number;
  /** Mean F1 of the classes that have images or predictions. */
  readonly macroF1: number;
  /** Mean distance of confidence from accuracy, by 15 equal bins of confidence (Guo et al. 2017). */
  readonly expectedCalibrationError: number;
  readonly labels: readonly string[];
  /** Counts; rows are the true classes, columns the predicted ones. */
  readonly confusionMatrix: readonly (readonly number[])[];
  readonly perClass: readonly ClassMetrics[];
}

const CALIBRATION_BINS = 15;

/**
 * The figures of one evaluation.
 *
 * @param truth - true class of each image, [N]
 * @param probabilities - [N,K], row by row; the prediction is a row's largest
 * @param labels - names of the K classes
 * @throws {RangeError} if there is no image, or the lengths do not fit
 */
export function computeMetrics(
  truth: readonly number[],
  probabilities: ArrayLike<number>,
  labels: readonly string[],
): Metrics {
  const classes = labels.length;
  const count = truth.length;
  if (count === 0 || probabilities.length !== count * classes) {
    throw new RangeError(
      `Metrics need at least one image and ${classes} probabilities for each; ` +
        `got ${count} images and ${probabilities.length} probabilities.`,
    );
  }
  const predictions = argmaxRows(probabilities, classes);
  const confusionMatrix = labels.map(() => new Array<number>(classes).fill(0));
  truth.forEach((label, i) => {
    const row = confusionMatrix[label];
    if (!row) throw new RangeError(`Image ${i} has the class ${label}; there are ${classes}.`);
    row[predictions[i]!]!++;
  });

  const perClass = labels.map((label, k) => classMetrics(label, confusionMatrix, k));
  const correct = confusionMatrix.reduce((sum, row, k) => sum + row[k]!, 0);
  return {
    count,
    accuracy: correct / count,
    ...classAverages(perClass, confusionMatrix),
    expectedCalibrationError: calibrationError(calibrationBins(truth, probabilities, classes)),
    labels,
    confusionMatrix,
    perClass,
  };
}

/** Mean recall of the classes that have images, mean F1 of those that have images or predictions. */
export function classAverages(
  perClass: readonly ClassMetrics[],
  confusionMatrix: Metrics['confusionMatrix'],
): Pick<Metrics, 'meanClassAccuracy' | 'macroF1'> {
  const withImages = perClass.filter(({ support }) => support > 0);
  const occurring = perClass.filter(
    ({ support }, k) => support > 0 || confusionMatrix.some((row) => row[k]! > 0),
  );
  return {
    meanClassAccuracy: mean(withImages.map(({ recall }) => recall)),
    macroF1: mean(occurring.map(({ f1 }) => f1)),
  };
}

/**
 * The figures of class k.
 *
 * @param matrix - counts; rows are the true classes, columns the predicted ones
 * @param missed - images of the class for which nothing was predicted
 */
export function classMetrics(
  label: string,
  matrix: Metrics['confusionMatrix'],
  k: number,
  missed = 0,
): ClassMetrics {
  const hits = matrix[k]![k]!;
  const support = matrix[k]!.reduce((sum, count) => sum + count, missed);
  const predicted = matrix.reduce((sum, row) => sum + row[k]!, 0);
  const precision = predicted > 0 ? hits / predicted : 0;
  const recall = support > 0 ? hits / support : 0;
  const f1 = hits > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { label, precision, recall, f1, support };
}

/** The predictions whose confidence lies in one interval. */
export interface CalibrationBin {
  /** From this confidence on, to the next bin's. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean confidence of the predictions; 0 where there is none. */
  readonly confidence: number;
  /** Share of them that is right; 0 where there is none. */
  readonly accuracy: number;
}

/**
 * How often predictions of about equal confidence are right: 15 equal bins of confidence.
 *
 * @param truth - true class of each image, [N]
 * @param probabilities - [N,K], row by row
 */
export function calibrationBins(
  truth: readonly number[],
  probabilities: ArrayLike<number>,
  classes: number,
): CalibrationBin[] {
  const sums = Array.from({ length: CALIBRATION_BINS }, () => ({ n: 0, confidence: 0, hits: 0 }));
  argmaxRows(probabilities, classes).forEach((prediction, i) => {
    const confidence = probabilities[i * classes + prediction]!;
    const bin = sums[Math.min(CALIBRATION_BINS - 1, Math.floor(confidence * CALIBRATION_BINS))]!;
    bin.n += 1;
    bin.confidence += confidence;
    bin.hits += Number(prediction === truth[i]);
  });
  return sums.map(({ n, confidence, hits }, k) => ({
    from: k / CALIBRATION_BINS,
    to: (k + 1) / CALIBRATION_BINS,
    count: n,
    confidence: n > 0 ? confidence / n : 0,
    accuracy: n > 0 ? hits / n : 0,
  }));
}

/** Mean distance of confidence from accuracy, weighted by the images in a bin. */
function calibrationError(bins: readonly CalibrationBin[]): number {
  const images = bins.reduce((sum, { count }) => sum + count, 0);
  const distance = ({ count, confidence, accuracy }: CalibrationBin): number =>
    count * Math.abs(confidence - accuracy);
  return bins.reduce((sum, bin) => sum + distance(bin), 0) / images;
}

/** A table for the console: the confusion matrix with each class's figures, then the totals. */
export function formatTable(metrics: Metrics): string {
  const { labels, confusionMatrix, perClass } = metrics;
  const head = ['true \\ predicted', ...labels, 'count', 'recall', 'precision', 'F1'];
  const rows = perClass.map(({ label, support, recall, precision, f1 }, k) => [
    label,
    ...confusionMatrix[k]!.map(String),
    String(support),
    support > 0 ? percent(recall) : '-',
    percent(precision),
    percent(f1),
  ]);
  return [
    alignedTable(head, rows),
    '',
    `images                      ${metrics.count}`,
    `accuracy                    ${percent(metrics.accuracy, 2)}`,
    `mean class accuracy         ${percent(metrics.meanClassAccuracy, 2)}`,
    `macro F1                    ${metrics.macroF1.toFixed(4)}`,
    `expected calibration error  ${percent(metrics.expectedCalibrationError, 2)}`,
  ].join('\n');
}
