import { pastStages, type PastRun } from '../checkpoint.js';
import { datasetsOf } from '../config.js';
import { DATASET_TERMS } from '../datasets/terms.js';

/** The terms of weights follow from those of the data that they went through. */
export function termsOf(runs: readonly PastRun[]): string {
  const names = datasetsOf(runs.flatMap(pastStages));
  const data = names.map((name) => `${name} (${DATASET_TERMS[name]})`).join(', ');
  return (
    `Research and non-commercial use only, as the data allow no more: ${data}. ` +
    'The MIT licence of the code does not cover the weights.'
  );
}
