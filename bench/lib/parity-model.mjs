import { readFileSync } from 'node:fs';
import { parseManifest } from '../../packages/sdk/dist/network/index.js';

/** Of the package, below the repository's root. */
export const MODEL_FOLDER = 'models/fdrl-ecanet';

/** @param {string} file */
const read = (file) => readFileSync(new URL(`../../${MODEL_FOLDER}/${file}`, import.meta.url));

/** The packaged model with weights as float16. @returns {import('./parity-logits.mjs').Model} */
export function readModel() {
  const manifest = parseManifest(JSON.parse(read('manifest.json').toString()));
  const { shards } = manifest.variants.float16;
  return { manifest, bytes: Buffer.concat(shards.map(({ file }) => read(file))) };
}
