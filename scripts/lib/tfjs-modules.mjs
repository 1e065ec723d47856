import { readFileSync } from 'node:fs';
import { ROOT } from './run.mjs';

/**
 * How TensorFlow.js becomes plain ES modules for a browser: the packages' `module` entries import
 * CommonJS packages, their flat builds (`*.fesm.js`) only Node built-ins that no browser path calls
 * and seedrandom's `alea`. The bundler and the browser tests resolve through this one table.
 */
const FLAT = /^@tensorflow\/(tfjs-(core|backend-cpu|backend-wasm|backend-webgpu))$/;
const NODE_BUILT_INS = new Set(['fs', 'path', 'os', 'perf_hooks', 'worker_threads']);

/**
 * @param {string} specifier as written in an import
 * @param {{ minified?: boolean }} [options] default: readable, for the line numbers of a failed test
 * @returns {string | undefined} path below the repository's root, or undefined: not ours to resolve
 */
export function resolveTfjs(specifier, { minified = false } = {}) {
  const match = FLAT.exec(specifier);
  if (match) {
    const [, name, part] = match;
    return `node_modules/@tensorflow/${name}/dist/tf-${part}.fesm${minified ? '.min' : ''}.js`;
  }
  if (NODE_BUILT_INS.has(specifier)) return 'scripts/lib/shims/node-built-in.js';
  if (specifier === 'seedrandom') return SEEDRANDOM;
  return undefined;
}

const SEEDRANDOM = 'node_modules/seedrandom/lib/alea.js';

/**
 * @param {string} path below the repository's root or absolute
 * @returns {string | undefined} what to serve instead of the file: seedrandom's CommonJS generator as
 *   an ES module
 */
export function loadTfjs(path) {
  if (!path.endsWith(SEEDRANDOM)) return undefined;
  const source = readFileSync(`${ROOT}${SEEDRANDOM}`, 'utf8');
  return `const module = { exports: {} };\n(function () {\n${source}\n}).call({});\nexport const alea = module.exports;\n`;
}

/** The same as a plugin of Rollup, minified. @type {import('rollup').Plugin} */
export const tfjsModules = {
  name: 'tfjs-flat-modules',
  resolveId(source) {
    const path = resolveTfjs(source, { minified: true });
    return path && ROOT + path;
  },
  load: loadTfjs,
};
