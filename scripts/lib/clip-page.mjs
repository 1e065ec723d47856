/* global document */
import { readFile } from 'node:fs/promises';
import { CROSS_ORIGIN_ISOLATION } from './headers.mjs';
import { openSite } from './open-site.mjs';
import { ROOT } from './run.mjs';

/**
 * Opens an empty page of the built SDK in headless Chromium, with the recorded clip at `/clip.webm` and the SDK's
 * exports in `globalThis.emotionCam`.
 * `npm run build` comes before.
 *
 * @param {number} firstPort
 * @param {{ measuresMemory?: boolean }} [options] `measuresMemory`: for `measureUserAgentSpecificMemory`, which waits
 *   a minute for the network's further threads, as they never answer: it gets none
 * @returns {Promise<{ page: import('playwright').Page, close: () => Promise<void> }>}
 */
export async function openClipPage(firstPort, { measuresMemory = false } = {}) {
  const { url, browser, close } = await openSite(
    `${ROOT}packages/sdk`,
    firstPort,
    // Else a measurement of the memory waits for a collection that comes by itself.
    measuresMemory ? ['--enable-blink-features=ForceEagerMeasureMemory'] : [],
  );
  const page = await browser.newPage();
  if (measuresMemory) await page.addInitScript(keepWorkersToOneThread);
  const clip = await readFile(`${ROOT}e2e/fixtures/clip.webm`);
  await page.route('**/clip.webm', (route) =>
    route.fulfill({ contentType: 'video/webm', body: clip }),
  );
  await page.route('**/empty.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html>',
      headers: CROSS_ORIGIN_ISOLATION,
    }),
  );
  await page.goto(`${url}empty.html`);
  // As text: a test runner would rewrite the import of a function.
  await page.evaluate(`import('/dist/emotion-cam.bundle.js').then((sdk) => {
    globalThis.emotionCam = sdk;
  })`);
  return { page, close };
}

/** Runs in the page. TensorFlow.js takes as many threads as there are processors to share. */
function keepWorkersToOneThread() {
  globalThis.Worker = class extends globalThis.Worker {
    constructor(url, options) {
      const script = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });
        await import('${new URL(url, document.baseURI)}');`;
      super(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), options);
    }
  };
}
