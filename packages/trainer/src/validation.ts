import { multiLabelMetrics } from './attribute-metrics.js';
import type { LoadedSplit } from './load-split.js';
import { computeMetrics } from './metrics.js';
import { meanCrossEntropy, softmaxRows } from './probabilities.js';
import type { Task } from './task.js';

/** A network measured on the validation split, the figures that a run is steered by. */
export interface Validated {
  /** Share of the images, or of all attributes of all images, that are right. */
  readonly accuracy: number;
  /** Mean over the classes, or over the attributes with and without each. */
  readonly meanClassAccuracy: number;
  readonly loss: number;
}

/** @param logits - of the split's images, [N,K] */
export function validationOf(
  task: Task,
  logits: Float32Array,
  { labels, labelNames, targets }: LoadedSplit,
): Validated {
  if (task === 'attributes') {
    const { accuracy, balancedAccuracy, loss } = multiLabelMetrics(logits, targets, labelNames);
    return { accuracy, meanClassAccuracy: balancedAccuracy, loss };
  }
  const outputs = labelNames.length;
  const { accuracy, meanClassAccuracy } = computeMetrics(
    labels,
    softmaxRows(logits, outputs),
    labelNames,
  );
  return { accuracy, meanClassAccuracy, loss: meanCrossEntropy(logits, labels, outputs) };
}
