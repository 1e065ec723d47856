import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ROOT } from './run.mjs';

const SOURCE = `${ROOT}node_modules/@mediapipe/tasks-vision/wasm/vision_wasm_module_internal.js`;
const TARGET = `${ROOT}packages/sdk/vendor/mediapipe-module.js`;

const BANNER = `/*! MediaPipe Tasks Vision, Copyright The MediaPipe Authors, Apache License 2.0. CHANGED: without the parts for
Node, which bundlers for browsers refuse; exports its function instead of making it global; minified. */`;

/** What of the script is replaced, by what. Each must be there once. */
const CHANGES = /** @type {const} */ ([
  [/var ENVIRONMENT_IS_NODE = .*;/, ''], // `define` below
  [/new URL\("vision_wasm_module_raw_internal\.wasm", import\.meta\.url\)\.href/, '""'],
  [/var _scriptName = import\.meta\.url/, 'var _scriptName = ""'],
  [
    /globalThis\.ModuleFactory = ModuleFactory; (.*) export default ModuleFactory;/,
    '$1 export { ModuleFactory };',
  ],
]);

/**
 * Makes a module that bundlers can take of the script that MediaPipe loads its wasm file with. Loaded as
 * MediaPipe does it, by an address that only the running page knows, webpack leaves it out, nobody checks it, and
 * pages with Trusted Types refuse it.
 *
 * @returns {Promise<boolean>} false: there was nothing to do
 * @throws {Error} the script is not the one that this was written for
 */
export async function writeMediapipeModule() {
  const [source, target] = await Promise.all([stat(SOURCE), stat(TARGET).catch(() => undefined)]);
  const self = await stat(import.meta.filename);
  if (target && target.mtimeMs > Math.max(source.mtimeMs, self.mtimeMs)) return false;
  const { transform } = await import('esbuild'); // programs install it before they come here
  const script = changed(await readFile(SOURCE, 'utf8'));
  const { code } = await transform(script, {
    define: { ENVIRONMENT_IS_NODE: 'false' },
    ...{ minify: true, format: 'esm', target: 'es2022' },
  });
  await mkdir(dirname(TARGET), { recursive: true });
  await writeFile(TARGET, `${BANNER}\n${code}`);
  return true;
}

/** @param {string} script */
function changed(script) {
  return CHANGES.reduce((text, [pattern, replacement]) => {
    const { length } = [...text.matchAll(new RegExp(pattern, 'g'))];
    if (length !== 1) {
      throw new Error(
        `${SOURCE} has ${length} places like ${pattern}, expected 1: is it of another version?`,
      );
    }
    return text.replace(pattern, replacement);
  }, script);
}
