/**
 * `npm run screenshots [-- folder]`: pictures of `<emotion-cam>` in every state, to be looked at: light and
 * dark, narrow and wide, left to right and right to left. Needs the bundle: `npm run build`. A script takes
 * the place of the network, so that every picture is the same each time; its face is drawn.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Explained, runMain, say, step } from './lib/log.mjs';
import { openSite } from './lib/open-site.mjs';
import { ROOT } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

const SDK = `${ROOT}packages/sdk`;
const PAGE = new URL('./screenshots/page.html', import.meta.url);
const SCRIPT = new URL('./screenshots/page.js', import.meta.url);

/** What each picture is of: see `screenshots/page.js` for the states. */
const SHOTS = [
  { state: 'idle', width: 480 },
  { state: 'consent', width: 480 },
  { state: 'consent', width: 160, lang: 'de' },
  { state: 'consent', width: 480, lang: 'ar', scheme: 'dark' },
  { state: 'loading', width: 480 },
  { state: 'running', width: 900 },
  { state: 'running', width: 480, scheme: 'dark' },
  { state: 'running', width: 240, lang: 'fr' },
  { state: 'running', width: 160, lang: 'de' },
  { state: 'running', width: 480, lang: 'ar' },
  { state: 'running', width: 480, lang: 'ja', forced: true },
  { state: 'two-faces', width: 480 },
  { state: 'uncertain', width: 480 },
  { state: 'nobody', width: 480 },
  { state: 'paused', width: 480 },
  { state: 'heatmap', width: 480 },
  { state: 'camera-denied', width: 480 },
  { state: 'camera-denied', width: 160, lang: 'es' },
  { state: 'camera-not-found', width: 480, scheme: 'dark' },
  { state: 'internal', width: 480 },
];

await runMain(async () => {
  await ensureInstalled();
  if (!existsSync(`${SDK}/dist/emotion-cam.bundle.js`)) {
    throw new Explained('There is no bundle to take pictures of. Run: npm run build');
  }
  const folder = process.argv[2] ?? `${ROOT}packages/demo-widget/dist/screenshots`;
  await mkdir(folder, { recursive: true });
  const { url, browser, close } = await openSite(SDK, 5400, [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
  ]);
  try {
    step(`Taking ${SHOTS.length} pictures into ${folder}`);
    for (const shot of SHOTS) say(await take(browser, url, folder, shot));
  } finally {
    await close();
  }
});

/**
 * @param {import('playwright').Browser} browser
 * @param {string} url
 * @param {string} folder
 * @param {{ state: string, width: number, lang?: string, scheme?: 'dark', forced?: boolean }} shot
 * @returns {Promise<string>} name of the file
 */
async function take(browser, url, folder, { state, width, lang = 'en', scheme, forced }) {
  const context = await browser.newContext({
    viewport: { width: width + 32, height: 400 },
    colorScheme: scheme ?? 'light',
    forcedColors: forced ? 'active' : 'none',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const files = { 'page.html': PAGE, 'page.js': SCRIPT };
  for (const [name, file] of Object.entries(files)) {
    const contentType = name.endsWith('.js') ? 'text/javascript' : 'text/html';
    const body = await readFile(file);
    await page.route(`**/shots/${name}*`, (route) => route.fulfill({ contentType, body }));
  }
  await page.goto(`${url}shots/page.html?${new URLSearchParams({ state, lang })}`);
  await page.waitForFunction(() => document.body.dataset.is === 'there', undefined, {
    timeout: 60_000,
  });
  const name = `${[state, width, lang, scheme, forced && 'forced'].filter(Boolean).join('-')}.png`;
  await page.screenshot({ path: join(folder, name), fullPage: true });
  await context.close();
  return name;
}
