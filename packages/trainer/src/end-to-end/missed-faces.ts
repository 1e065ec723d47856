import { classAverages, type Metrics } from '../metrics.js';

/**
 * The same figures with images in which no face was found, each counted as wrong. They are in no
 * column of the confusion matrix, and the calibration error is that of the faces found.
 *
 * @param found - metrics of the images in which a face was found
 * @param missed - images of each class in which none was
 */
export function withMissedFaces(found: Metrics, missed: readonly number[]): Metrics {
  const perClass = found.perClass.map((one, k) => {
    const hits = found.confusionMatrix[k]![k]!;
    const support = one.support + missed[k]!;
    const recall = support > 0 ? hits / support : 0;
    const { precision } = one;
    const f1 = hits > 0 ? (2 * precision * recall) / (precision + recall) : 0;
    return { ...one, support, recall, f1 };
  });
  const count = found.count + missed.reduce((sum, images) => sum + images, 0);
  return {
    ...found,
    count,
    accuracy: (found.accuracy * found.count) / count,
    ...classAverages(perClass, found.confusionMatrix),
    perClass,
  };
}
