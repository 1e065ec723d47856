import type { Spread } from '../results.js';
import { mean } from './mean.js';

/**
 * Mean and sample standard deviation (n - 1) of figures over folds or seeds.
 *
 * @throws {RangeError} of no values
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('A mean needs at least one value.');
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const standardDeviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return { mean: centre, standardDeviation, values };
}
