import { TrainerError } from '../errors.js';
import { argmaxRows } from '../probabilities.js';
import type { Prediction, RowComparison } from '../results.js';
import { mcnemarPValue } from './mcnemar.js';
import { pairedBootstrapInterval, type BootstrapUnit } from './paired-bootstrap.js';

/** A row's name and what it said of each image, pooled over folds or seeds. */
export interface ComparedRow {
  readonly name: string;
  readonly predictions: readonly Prediction[];
}

/**
 * Whether one row of a table is better than another beyond chance: difference of the accuracies with
 * its bootstrap interval, and McNemar's test.
 *
 * @param unitOf - images with the same unit are drawn together
 * @throws {TrainerError} `job-mismatch` where the rows are not of the same images in the same order
 */
export function compareRows(
  first: ComparedRow,
  second: ComparedRow,
  unitOf: (prediction: Prediction) => string,
  seed: number,
): RowComparison {
  requireSameImages(first, second);
  let onlyFirst = 0;
  let onlySecond = 0;
  const units = new Map<string, BootstrapUnit>();
  first.predictions.forEach((prediction, i) => {
    const difference = Number(isHit(prediction)) - Number(isHit(second.predictions[i]!));
    if (difference > 0) onlyFirst += 1;
    if (difference < 0) onlySecond += 1;
    const unit = unitOf(prediction);
    const { images, difference: sum } = units.get(unit) ?? { images: 0, difference: 0 };
    units.set(unit, { images: images + 1, difference: sum + difference });
  });
  return {
    rows: [first.name, second.name],
    difference: (onlyFirst - onlySecond) / first.predictions.length,
    interval: pairedBootstrapInterval([...units.values()], seed),
    mcnemar: { onlyFirst, onlySecond, pValue: mcnemarPValue(onlyFirst, onlySecond) },
  };
}

function isHit({ truth, probabilities }: Prediction): boolean {
  return argmaxRows(probabilities, probabilities.length)[0] === truth;
}

function requireSameImages(first: ComparedRow, second: ComparedRow): void {
  const [a, b] = [first.predictions, second.predictions];
  const at = a.findIndex(({ id, truth }, i) => id !== b[i]?.id || truth !== b[i].truth);
  if (at < 0 && a.length === b.length) return;
  throw new TrainerError(
    'job-mismatch',
    `The rows "${first.name}" (${a.length} images) and "${second.name}" (${b.length} images) were ` +
      `not measured on the same images; they first differ at ${a[at]?.id ?? 'the end'}. Every ` +
      'machine needs the same copy of the data set, with every image readable.',
  );
}
