import { readFile } from 'node:fs/promises';
import { CROSS_ORIGIN_ISOLATION } from './headers.mjs';
import { openSite } from './open-site.mjs';
import { ROOT } from './run.mjs';

/**
 * Opens an empty page of the built SDK in headless Chromium, with the recorded clip at `/clip.webm`.
 * `npm run build` comes before.
 *
 * @param {number} firstPort
 * @returns {Promise<{ page: import('playwright').Page, close: () => Promise<void> }>}
 */
export async function openClipPage(firstPort) {
  const { url, browser, close } = await openSite(`${ROOT}packages/sdk`, firstPort, [
    // Else a measurement of the memory waits for a collection that comes by itself.
    '--enable-blink-features=ForceEagerMeasureMemory',
  ]);
  const page = await browser.newPage();
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
  return { page, close };
}
