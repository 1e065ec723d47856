import type { Spread } from '../results.js';

/**
 * Mean and sample standard deviation (n - 1) of figures over folds or seeds.
 *
 * @throws {RangeError} of no values
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('A mean needs at least one value.');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return { mean, standardDeviation, values };
}
