/**
 * Whether the packaged model gives the same logits on WebGPU as on wasm: at its full size, for twenty
 * pictures, in both storages, in Node (Dawn) and in Chromium, all on the software adapter, which
 * computes as the standard says. It takes about ten minutes: a frame takes seconds there. Fails where
 * the logits are further apart than they may be, or where another class is the highest.
 */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { SWIFTSHADER_ARGS } from '../scripts/lib/chromium.mjs';
import { Explained, runMain } from '../scripts/lib/log.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { tfjsModules } from '../scripts/lib/tfjs-modules.mjs';
import { answerOf } from './lib/child.mjs';
import { readModel } from './lib/parity-model.mjs';
import { parityInputs } from './lib/parity-inputs.mjs';
import { rounded, writeResult } from './lib/report.mjs';

/** Largest difference of a logit to wasm's, relative to the picture's largest logit. */
const LIMITS = { float32: 1e-3, float16: 1e-2 };
const WASM_FOLDER = dirname(
  createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'),
);

const here = (file) => fileURLToPath(new URL(`lib/${file}`, import.meta.url));

/** @typedef {{ adapter: string, logits: Record<'wasm' | 'float32' | 'float16', number[][]> }} Computed */

/** @param {readonly { pixels: Uint8Array }[]} inputs @returns {Promise<Computed>} */
async function inChromium(inputs) {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-parity-'));
  const { manifest, bytes } = readModel();
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'weights.bin'), bytes);
  writeFileSync(join(folder, 'pictures.bin'), Buffer.concat(inputs.map(({ pixels }) => pixels)));
  const files = readdirSync(join(WASM_FOLDER, 'dist')).filter((file) => file.endsWith('.wasm'));
  for (const file of files) copyFileSync(join(WASM_FOLDER, 'dist', file), join(folder, file));
  const bundle = await rollup({
    input: here('parity-page.mjs'),
    plugins: [tfjsModules, nodeResolve({ browser: true })],
    logLevel: 'silent',
  });
  await bundle.write({ file: join(folder, 'page.js'), inlineDynamicImports: true });
  writeFileSync(join(folder, 'index.html'), '<script type="module" src="page.js"></script>');
  const { url, browser, close } = await openSite(folder, 5330, SWIFTSHADER_ARGS);
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(error));
    page.on('console', (message) => {
      if (message.type() === 'log') process.stderr.write(`\r${message.text()} `);
    });
    await page.goto(`${url}index.html`);
    await page.waitForFunction('globalThis.computeLogits');
    return await page.evaluate(() => globalThis.computeLogits());
  } finally {
    process.stderr.write('\n');
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {readonly number[]} row */
const highest = (row) => row.indexOf(Math.max(...row));

/** @param {readonly number[]} row @param {readonly number[]} wanted */
function relativeError(row, wanted) {
  const error = Math.max(...wanted.map((value, i) => Math.abs(value - row[i])));
  return error / Math.max(...wanted.map(Math.abs));
}

await runMain(async () => {
  const { labels, network } = readModel().manifest;
  const inputs = await parityInputs(network.inputSize);
  const hosts = { Node: await answerOf('parity-node.mjs'), Chromium: await inChromium(inputs) };
  const rows = Object.entries(hosts).flatMap(([host, { adapter, logits }]) =>
    Object.entries(LIMITS).map(([storage, limit]) => ({
      host,
      adapter,
      storage,
      limit,
      largestError: rounded(
        Math.max(...logits[storage].map((row, i) => relativeError(row, logits.wasm[i]))),
      ),
      sameClass: logits[storage].filter((row, i) => highest(row) === highest(logits.wasm[i]))
        .length,
      pictures: logits[storage].length,
    })),
  );
  console.table(rows);
  const pictures = inputs.map(({ name }, i) => {
    const wasm = hosts.Node.logits.wasm[i];
    return { name, class: labels[highest(wasm)], logits: wasm.map(rounded) };
  });
  const classes = new Set(pictures.map((picture) => picture.class));
  const worst = (storage) =>
    Math.max(...rows.filter((row) => row.storage === storage).map((row) => row.largestError));
  const isRight = ({ largestError, limit, sameClass, pictures }) =>
    largestError <= limit && sameClass === pictures && pictures === inputs.length;
  const summary = [
    `On WebGPU the logits of ${inputs.length} pictures of ${classes.size} classes are those of wasm ` +
      `within ${worst('float32')} (float32) and ${worst('float16')} (float16 storage) of the largest, ` +
      `in ${Object.keys(hosts).join(' and ')}.`,
  ];
  console.log(summary.join('\n'));
  if (!rows.every(isRight)) {
    throw new Explained('WebGPU is further from wasm than it may be: see the table above.');
  }
  writeResult('parity', { inputSize: network.inputSize, rows, pictures, summary });
  return 0;
});
