import { pastStages, withTeachers, type Ancestor } from './checkpoint.js';
import { datasetsOf } from './config.js';
import { DATASET_TERMS } from './datasets/terms.js';
import type { Origin } from './results.js';

/** What the model card says of weights that were not made here. */
const FOREIGN_TERMS = 'its own and those of its data: see where it came from';

/**
 * Where weights come from, and on which terms: each set and each file that they, or a teacher of
 * theirs, went through.
 */
export function originsOf(runs: readonly Ancestor[]): Origin[] {
  const lineage = withTeachers(runs);
  const files = lineage.flatMap((each): Origin[] =>
    'file' in each
      ? [
          {
            name: `${each.file}, ${each.format}, sha-256 ${each.sha256.slice(0, 16)}…`,
            terms: FOREIGN_TERMS,
          },
        ]
      : [],
  );
  const sets = datasetsOf(lineage.flatMap(pastStages));
  return [...files, ...sets.map((name) => ({ name, terms: DATASET_TERMS[name] }))];
}

/** The terms of weights follow from those of the data that they went through. */
export function termsOf(lineage: readonly Ancestor[]): string {
  const data = originsOf(lineage).map(({ name, terms }) => `${name} (${terms})`);
  return (
    `Research and non-commercial use only, as the data allow no more: ${data.join(', ')}. ` +
    'The MIT licence of the code does not cover the weights.'
  );
}
