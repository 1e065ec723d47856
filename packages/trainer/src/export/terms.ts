import { pastStages, type Ancestor } from '../checkpoint.js';
import { datasetsOf } from '../config.js';
import { DATASET_TERMS } from '../datasets/terms.js';

/** What the model card says of weights that were not made here. */
const FOREIGN_TERMS = 'its own and those of its data: see where it came from';

/** Where weights come from, and on which terms: each set and each file that they went through. */
export function termsByOrigin(lineage: readonly Ancestor[]): [origin: string, terms: string][] {
  const files = lineage.flatMap((each): [string, string][] =>
    'file' in each
      ? [[`${each.file}, ${each.format}, sha-256 ${each.sha256.slice(0, 16)}…`, FOREIGN_TERMS]]
      : [],
  );
  const sets = datasetsOf(lineage.flatMap(pastStages));
  return [...files, ...sets.map((name): [string, string] => [name, DATASET_TERMS[name]])];
}

/** The terms of weights follow from those of the data that they went through. */
export function termsOf(lineage: readonly Ancestor[]): string {
  const data = termsByOrigin(lineage).map(([origin, terms]) => `${origin} (${terms})`);
  return (
    `Research and non-commercial use only, as the data allow no more: ${data.join(', ')}. ` +
    'The MIT licence of the code does not cover the weights.'
  );
}
