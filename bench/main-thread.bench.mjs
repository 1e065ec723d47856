/**
 * How long a frame of the network keeps the page's thread in Chromium on WebGPU: from the pixels to the
 * submitted commands, ours and TensorFlow.js's frame by frame in turn. What the graphics card does after
 * that plays no part, so a software adapter will do. A narrow network with all layers: the work
 * on this side is one of dispatches, not of pixels.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { chromium } from 'playwright';
import { rollup } from 'rollup';
import { CHROMIUM_ARGS, SWIFTSHADER_ARGS, ensureChromium } from '../scripts/lib/chromium.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';
import { loadTfjs, resolveTfjs } from '../scripts/lib/tfjs-modules.mjs';
import { median, rounded, writeResult } from './lib/report.mjs';

const FRAMES = 100;

const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-main-thread-'));
const tfjs = {
  name: 'tfjs-flat-modules',
  resolveId(source) {
    const path = resolveTfjs(source, { minified: true });
    return path && ROOT + path;
  },
  load: loadTfjs,
};
const bundle = await rollup({
  input: fileURLToPath(new URL('lib/record-page.mjs', import.meta.url)),
  plugins: [tfjs, nodeResolve({ browser: true })],
  logLevel: 'silent',
});
await bundle.write({ file: join(folder, 'page.js'), inlineDynamicImports: true });
writeFileSync(join(folder, 'index.html'), '<script type="module" src="page.js"></script>');
const server = await serve(folder, 5320);
const browser = await chromium.launch({
  executablePath: await ensureChromium(),
  args: [...CHROMIUM_ARGS, ...SWIFTSHADER_ARGS],
});
let timings;
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto(`${server.url}index.html`);
  await page.waitForFunction('globalThis.recordFrames');
  timings = await page.evaluate((frames) => globalThis.recordFrames(frames), FRAMES);
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}

const engines = Object.fromEntries(
  Object.entries(timings).map(([name, milliseconds]) => {
    const sorted = milliseconds.toSorted((a, b) => a - b);
    return [
      name,
      {
        medianMs: rounded(median(sorted)),
        percentile95Ms: rounded(sorted[Math.floor(0.95 * sorted.length)]),
        leastMs: rounded(sorted[0]),
      },
    ];
  }),
);
console.table(engines);
const [ours, stock] = [engines['emotion-cam'], engines['TensorFlow.js']];
const summary = [
  `A frame on WebGPU keeps the page's thread for ${ours.medianMs} ms (median of ${FRAMES}), ` +
    `TensorFlow.js' for ${stock.medianMs} ms.`,
];
console.log(summary.join('\n'));
writeResult('main-thread', { frames: FRAMES, engines, summary });
