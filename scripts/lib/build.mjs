import { existsSync } from 'node:fs';
import { Explained, step } from './log.mjs';
import { ROOT, runTool } from './run.mjs';

/** The built demo, ready to be served. */
export const SITE = `${ROOT}packages/demo-widget/dist/site`;

/** What `npm start` opens and the end-to-end tests load. */
export const FIRST_PORT = 5173;

/** What `cem` is told: it writes the element's manifest and VS Code's data into the SDK's dist. */
export const MANIFEST_ARGS = [
  'analyze',
  '--config',
  'custom-elements-manifest.config.mjs',
  '--quiet',
];

/**
 * Compiles the SDK and the demo and bundles them.
 *
 * @throws {Explained} one of the tools failed; it has said why
 */
export async function buildDemo() {
  step('Building');
  await must('typescript/bin/tsc', ['-b', 'packages/demo-widget']);
  await must('rollup/dist/bin/rollup', ['-c', '--configDemo', '--silent']);
}

/**
 * Compiles every package and bundles the SDK and the demo.
 *
 * @throws {Explained} one of the tools failed; it has said why
 */
export async function buildAll() {
  step('Building');
  await must('typescript/bin/tsc', ['-b']);
  await must('@custom-elements-manifest/analyzer/cem.js', MANIFEST_ARGS);
  await must('rollup/dist/bin/rollup', ['-c', '--silent']);
}

/**
 * Runs a tool that has to succeed.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @throws {Explained} it did not
 */
export async function must(script, args) {
  const { code } = await runTool(script, args);
  if (code === 0) return;
  const name = script.split('/')[0];
  throw new Explained(`${name} failed (exit code ${code}); its message is above.`);
}

/** @returns {boolean} the weights that the demo loads are in the repository */
export function hasWeights() {
  return existsSync(`${ROOT}models/fdrl-ecanet/manifest.json`);
}
