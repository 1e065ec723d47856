/**
 * Softmax of each row.
 *
 * @param logits - [N,K], row by row
 * @param classes - K
 * @param temperature - the logits are divided by it first; above 1 the rows get less certain
 * @returns [N,K], each row with sum 1
 * @throws {RangeError} if the length is no multiple of K
 */
export function softmaxRows(
  logits: ArrayLike<number>,
  classes: number,
  temperature = 1,
): Float64Array {
  if (logits.length % classes !== 0) {
    throw new RangeError(`${logits.length} logits are no whole rows of ${classes}.`);
  }
  const probabilities = new Float64Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    let largest = -Infinity; // subtracted, so that exp does not overflow
    for (let k = from; k < from + classes; k++) largest = Math.max(largest, logits[k]!);
    let sum = 0;
    for (let k = from; k < from + classes; k++) {
      const power = Math.exp((logits[k]! - largest) / temperature);
      probabilities[k] = power;
      sum += power;
    }
    for (let k = from; k < from + classes; k++) probabilities[k] = probabilities[k]! / sum;
  }
  return probabilities;
}

/** The index of each row's largest value, the first of equal ones: [N,K] -> [N]. */
export function argmaxRows(values: ArrayLike<number>, classes: number): number[] {
  const indices: number[] = [];
  for (let from = 0; from < values.length; from += classes) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (values[from + k]! > values[from + best]!) best = k;
    }
    indices.push(best);
  }
  return indices;
}

/** Mean cross entropy of logits [N,K], divided by a temperature, against labels. */
export function meanCrossEntropy(
  logits: ArrayLike<number>,
  labels: readonly number[],
  classes: number,
  temperature = 1,
): number {
  const probabilities = softmaxRows(logits, classes, temperature);
  const sum = labels.reduce(
    (total, label, row) => total - Math.log(probabilities[row * classes + label]!),
    0,
  );
  return sum / labels.length;
}
