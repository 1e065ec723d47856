import { CHROMIUM_ARGS, ensureChromium } from './chromium.mjs';
import { serve } from './server.mjs';

/**
 * Serves a folder and starts headless Chromium for its pages.
 *
 * @param {string} folder
 * @param {number} firstPort
 * @param {readonly string[]} [args] of Chromium, besides those of every run
 * @param {readonly string[]} [withoutArgs] that Playwright gives by itself
 * @returns {Promise<{
 *   url: string,
 *   browser: import('playwright').Browser,
 *   close: () => Promise<void>
 * }>} `url` ends in a slash
 */
export async function openSite(folder, firstPort, args = [], withoutArgs = []) {
  const { chromium } = await import('playwright'); // programs install it before they come here
  const server = await serve(folder, firstPort);
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: [...CHROMIUM_ARGS, ...args],
    ignoreDefaultArgs: [...withoutArgs],
  });
  const close = async () => {
    await browser.close();
    await server.close();
  };
  return { url: server.url, browser, close };
}
