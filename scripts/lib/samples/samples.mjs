import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { samplesOf } from '../markdown.mjs';
import { ROOT } from '../run.mjs';

/**
 * @typedef {object} Sample of code in the documentation
 * @property {string} place document and line, as in `README.md:27`
 * @property {string} language
 * @property {'run' | 'typed' | 'style' | 'shell' | 'not-run'} kind what a test does with it
 * @property {string} code
 */

/** What is done with a sample in a language; others must be marked `not-run`. */
const KINDS = /** @type {const} */ ({
  html: 'run',
  js: 'run',
  ts: 'run',
  jsx: 'typed', // React's own tests render the component
  tsx: 'typed',
  css: 'style',
  sh: 'shell',
  text: 'not-run', // a drawing, a header: no code
});

/** The documents that users read; decisions are history. @returns {string[]} */
export function documentsWithSamples() {
  const below = (folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`);
  return ['README.md', 'CONTRIBUTING.md', ...below('docs'), ...below('docs/guides')];
}

/**
 * The samples of documents.
 *
 * @param {readonly string[]} [paths] in the repository
 * @param {(path: string) => string} [read]
 * @returns {Sample[]}
 * @throws {Error} naming a sample that no test can run and that is not marked so
 */
export function readSamples(
  paths = documentsWithSamples(),
  read = (path) => readFileSync(join(ROOT, path), 'utf8'),
) {
  return paths.flatMap((path) =>
    samplesOf(read(path)).map(({ language, marks, code, line }) => {
      const place = `${path}:${line}`;
      const unknown = marks.find((mark) => mark !== 'not-run');
      if (unknown)
        throw new Error(`${place}: the mark "${unknown}" means nothing; there is: not-run.`);
      const kind = marks.includes('not-run') ? 'not-run' : KINDS[language];
      if (!kind) {
        throw new Error(
          `${place}: no test runs a sample in "${language}" (those in ${Object.keys(KINDS).join(', ')} are). ` +
            `Mark it: \`\`\`${language || 'text'} not-run`,
        );
      }
      return { place, language, kind, code };
    }),
  );
}

/** The inline module scripts of a page. @param {Sample} sample in HTML @returns {Sample[]} */
export function scriptsOf({ place, code }) {
  return [...code.matchAll(/<script type="module">\n?([\s\S]*?)<\/script>/g)].map(
    ({ 1: script }) => ({ place, language: 'js', kind: 'typed', code: script }),
  );
}
