import { classAverages, classMetrics, type Metrics } from '../metrics.js';

/**
 * The same figures with images in which no face was found, each counted as wrong. They are in no
 * column of the confusion matrix, and the calibration error is that of the faces found.
 *
 * @param found - metrics of the images in which a face was found
 * @param missed - images of each class in which none was
 */
export function withMissedFaces(found: Metrics, missed: readonly number[]): Metrics {
  const perClass = found.labels.map((label, k) =>
    classMetrics(label, found.confusionMatrix, k, missed[k]),
  );
  const count = found.count + missed.reduce((sum, images) => sum + images, 0);
  return {
    ...found,
    count,
    accuracy: (found.accuracy * found.count) / count,
    ...classAverages(perClass, found.confusionMatrix),
    perClass,
  };
}
