import { readFile } from 'node:fs/promises';
import { SITE } from '../lib/build.mjs';
import { openSite } from '../lib/open-site.mjs';
import { ROOT } from '../lib/run.mjs';
import { serve } from '../lib/server.mjs';

/**
 * @typedef {object} Shot one picture
 * @property {string} [state] of the element: see `page.js`
 * @property {string} [page] of the demo instead: its file and query
 * @property {number} width of the element, or of the demo's page
 * @property {string} [lang]
 * @property {'dark'} [scheme]
 * @property {boolean} [forced] colours of the person's own
 * @property {readonly string[]} [hide] selectors of what differs from time to time
 */

const PORT = 5400;
const TIMEOUT_MS = 40_000;
/** That two machines draw the same letters and colours. */
const DRAWING = [
  '--font-render-hinting=none',
  '--disable-lcd-text',
  '--force-color-profile=srgb',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
];
const FONTS = 'node_modules/@fontsource-variable';
/** What is below `/shots/`, besides the files of this folder. */
const ELSEWHERE = {
  'astronaut.png': 'e2e/fixtures/astronaut.png',
  'inter-latin-wght-normal.woff2': `${FONTS}/inter/files/inter-latin-wght-normal.woff2`,
  'noto-sans-arabic-arabic-wght-normal.woff2': `${FONTS}/noto-sans-arabic/files/noto-sans-arabic-arabic-wght-normal.woff2`,
};
const DEMO = 'index.html?source=camera&backend=wasm&model=lite';
const DIFFERS = ['#timeline', '#backend', '#reason', '#frame-time', '#frame-rate'];

/** @type {readonly Shot[]} */
export const SHOTS = [
  { state: 'idle', width: 320 },
  { state: 'consent', width: 400 },
  { state: 'consent', width: 160, lang: 'de' },
  { state: 'consent', width: 400, lang: 'ar', scheme: 'dark' },
  { state: 'loading', width: 320 },
  { state: 'running', width: 700 },
  { state: 'running', width: 320, scheme: 'dark' },
  { state: 'running', width: 240, lang: 'fr' },
  { state: 'running', width: 160, lang: 'de' },
  { state: 'running', width: 320, lang: 'ar' },
  { state: 'running', width: 320, forced: true },
  { state: 'two-faces', width: 400 },
  { state: 'uncertain', width: 240 },
  { state: 'nobody', width: 320 },
  { state: 'paused', width: 240 },
  { state: 'heatmap', width: 320 },
  { state: 'camera-denied', width: 320 },
  { state: 'camera-denied', width: 160, lang: 'es' },
  { state: 'camera-not-found', width: 320, scheme: 'dark' },
  { state: 'camera-in-use', width: 320, lang: 'fr' },
  { state: 'internal', width: 320 },
  { page: DEMO, width: 1060, hide: DIFFERS },
  { page: DEMO, width: 320, scheme: 'dark', hide: DIFFERS },
  { page: 'embed.html?host=https://example.com', width: 272, scheme: 'dark' },
];

/** @param {Shot} shot @returns {string} what its file is called, without the ending */
export function nameOf({ state, page, width, lang = 'en', scheme, forced }) {
  const subject = state ?? page?.replace(/\.html.*/, '').replace('index', 'demo');
  return [subject, width, lang, scheme, forced && 'forced'].filter(Boolean).join('-');
}

/**
 * Opens a browser that takes the pictures. Needs the built bundle and demo.
 *
 * @returns {Promise<{ take: (shot: Shot) => Promise<Buffer>, close: () => Promise<void> }>}
 */
export async function openStudio() {
  const sdk = await openSite(`${ROOT}packages/sdk`, PORT, DRAWING);
  const site = await serve(SITE, PORT + 50);
  const context = await sdk.browser.newContext({ reducedMotion: 'reduce' });
  context.setDefaultTimeout(TIMEOUT_MS);
  let readings = '';
  await context.route('**/shots/**', async (route) => {
    const [, name] = new URL(route.request().url()).pathname.split('/shots/');
    if (name === 'readings.json') return route.fulfill({ body: readings });
    return route.fulfill({ path: pathOf(name) });
  });
  // The demo's pages get the fonts after their own style sheets, which their policy allows.
  for (const sheet of ['demo.css', 'embed.css']) {
    await context.route(`**/${sheet}`, async (route) => {
      const response = await route.fetch();
      const fonts = await readFile(pathOf('fonts.css'), 'utf8');
      await route.fulfill({ response, body: (await response.text()) + fonts });
    });
  }
  const page = await context.newPage();
  await page.goto(`${sdk.url}shots/readings.html`);
  await page.waitForFunction(() => 'readStills' in globalThis);
  readings = await page.evaluate(() => globalThis.readStills());
  await page.close();
  return {
    take: (shot) => take(context, shot.state ? sdk.url : site.url, shot),
    close: async () => {
      await sdk.close();
      await site.close();
    },
  };
}

/** @param {string} name below `/shots/` */
function pathOf(name) {
  return name in ELSEWHERE
    ? `${ROOT}${ELSEWHERE[/** @type {keyof typeof ELSEWHERE} */ (name)]}`
    : `${ROOT}scripts/screenshots/${name}`;
}

/**
 * @param {import('playwright').BrowserContext} context
 * @param {string} url
 * @param {Shot} shot
 * @returns {Promise<Buffer>} PNG
 */
async function take(context, url, { state, page: path, width, lang = 'en', scheme, forced, hide }) {
  const page = await context.newPage();
  try {
    await page.emulateMedia({
      colorScheme: scheme ?? 'light',
      forcedColors: forced ? 'active' : 'none',
      reducedMotion: 'reduce',
    });
    await page.setViewportSize({ width: state ? width + 32 : width, height: state ? 400 : 640 });
    if (path) await openDemo(page, url + path);
    else {
      await page.goto(`${url}shots/page.html?${new URLSearchParams({ state, lang })}`);
      await page.waitForFunction(() => document.body.dataset.is === 'there');
    }
    const mask = (hide ?? []).map((selector) => page.locator(selector));
    return await page.screenshot({
      fullPage: true,
      mask,
      maskColor: '#888888',
      animations: 'disabled',
    });
  } finally {
    await page.close();
  }
}

/** Gives a page a camera that shows the still. A text, because vitest would replace the `import`. */
const STILL_CAMERA = `
  navigator.mediaDevices.enumerateDevices = async () => [{ kind: 'videoinput' }];
  navigator.mediaDevices.getUserMedia = async () => {
    const { drawStill, streamOf } = await import('/shots/stills.js');
    return streamOf(await drawStill('one'));
  };`;

/** @param {import('playwright').Page} page @param {string} url of a page of the demo */
async function openDemo(page, url) {
  await page.addInitScript({ content: STILL_CAMERA });
  await page.goto(url);
  await page.waitForFunction(() => {
    const cam = document.getElementById('cam');
    return cam.state === 'consent' || (cam.stats && document.querySelector('#timeline canvas'));
  });
  await page.evaluate(async () => {
    document.getElementById('cam').paused = true; // what is shown stays
    await document.fonts.ready;
  });
}
