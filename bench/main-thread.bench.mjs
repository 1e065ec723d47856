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
import { rollup } from 'rollup';
import { SWIFTSHADER_ARGS } from '../scripts/lib/chromium.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { tfjsModules } from '../scripts/lib/tfjs-modules.mjs';
import { median, percentile95, rounded, writeResult } from './lib/report.mjs';

const FRAMES = 100;

const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-main-thread-'));
const bundle = await rollup({
  input: fileURLToPath(new URL('lib/record-page.mjs', import.meta.url)),
  plugins: [tfjsModules, nodeResolve({ browser: true })],
  logLevel: 'silent',
});
await bundle.write({ file: join(folder, 'page.js'), inlineDynamicImports: true });
writeFileSync(join(folder, 'index.html'), '<script type="module" src="page.js"></script>');
const { url, browser, close } = await openSite(folder, 5320, SWIFTSHADER_ARGS);
let timings;
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto(`${url}index.html`);
  await page.waitForFunction('globalThis.recordFrames');
  timings = await page.evaluate((frames) => globalThis.recordFrames(frames), FRAMES);
} finally {
  await close();
  rmSync(folder, { recursive: true, force: true });
}

const engines = Object.fromEntries(
  Object.entries(timings).map(([name, milliseconds]) => {
    return [
      name,
      {
        medianMs: rounded(median(milliseconds)),
        percentile95Ms: rounded(percentile95(milliseconds)),
        leastMs: rounded(Math.min(...milliseconds)),
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
