import { readFile } from 'node:fs/promises';
import { CHROMIUM_ARGS, ensureChromium } from './chromium.mjs';
import { CROSS_ORIGIN_ISOLATION } from './headers.mjs';
import { ROOT } from './run.mjs';
import { serve } from './server.mjs';

/**
 * Opens an empty page of the built SDK in headless Chromium, with the recorded clip at `/clip.webm`.
 * `npm run build` comes before.
 *
 * @param {number} firstPort
 * @returns {Promise<{ page: import('playwright').Page, close: () => Promise<void> }>}
 */
export async function openClipPage(firstPort) {
  const { chromium } = await import('playwright');
  const server = await serve(`${ROOT}packages/sdk`, firstPort);
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    // Else a measurement of the memory waits for a collection that comes by itself.
    args: [...CHROMIUM_ARGS, '--enable-blink-features=ForceEagerMeasureMemory'],
  });
  const close = async () => {
    await browser.close();
    await server.close();
  };
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
  await page.goto(`${server.url}empty.html`);
  return { page, close };
}
