/**
 * `npm run docs:numbers`: writes the numbers of the README and the guides from the committed result
 * files. With `--check` it changes nothing and fails when a document says something else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { accuracyByClass, accuracyInShort, accuracyOfVariants } from './lib/numbers/accuracy.mjs';
import { benchmarks, endToEnd } from './lib/numbers/benchmarks.mjs';
import { robustness } from './lib/numbers/robustness.mjs';
import { ROOT } from './lib/run.mjs';

const START = /<!-- numbers: [^>]*-->\n/;
const END = '<!-- end of numbers -->';

/** What stands between the two marks of each document. @type {Record<string, () => string[]>} */
const DOCUMENTS = {
  'README.md': () => [accuracyInShort(), endToEnd()],
  'docs/guides/accuracy.md': () => [
    accuracyByClass(),
    robustness(),
    accuracyOfVariants(),
    endToEnd(),
  ],
  'docs/guides/performance.md': () => [benchmarks()],
};

const isCheck = process.argv.includes('--check');
for (const [name, parts] of Object.entries(DOCUMENTS)) {
  const text = readFileSync(`${ROOT}${name}`, 'utf8');
  const start = START.exec(text);
  const from = start ? start.index + start[0].length : 0;
  const to = text.indexOf(END, from);
  if (!start || to < 0) {
    console.error(`${name} has no block between ${START} and ${END}.`);
    process.exit(1);
  }
  const numbers = parts().filter(Boolean).join('\n\n');
  const updated = `${text.slice(0, from)}\n${numbers}\n\n${text.slice(to)}`;
  if (updated === text) continue;
  if (isCheck) {
    console.error(`The numbers in ${name} are out of date: npm run docs:numbers`);
    process.exitCode = 1;
  } else {
    writeFileSync(`${ROOT}${name}`, updated);
  }
}
