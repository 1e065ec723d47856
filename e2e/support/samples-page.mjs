import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FIRST_PORT } from '../../scripts/lib/build.mjs';
import { openSite } from '../../scripts/lib/open-site.mjs';
import { ROOT } from '../../scripts/lib/run.mjs';
import { CLIP_AS_CAMERA } from './clip.mjs';

const SDK = `${ROOT}packages/sdk`;
const CLIP = fileURLToPath(new URL('../fixtures/clip.webm', import.meta.url));

const PAGE = `<!doctype html>
<html lang="en">
<link rel="icon" href="data:,">
<script type="importmap">
  { "imports": { "emotion-cam": "/emotion-cam/emotion-cam.bundle.js" } }
</script>
<script type="module">import 'emotion-cam';</script>
<body><main></main>`;

/** A site as the documentation describes it. @returns {string} its folder */
function createSite() {
  const site = mkdtempSync(join(tmpdir(), 'emotion-cam-samples-'));
  mkdirSync(join(site, 'emotion-cam'));
  for (const name of readdirSync(`${SDK}/dist`)) {
    if (!name.startsWith('emotion-cam.bundle')) continue;
    symlinkSync(`${SDK}/dist/${name}`, join(site, 'emotion-cam', name));
  }
  mkdirSync(join(site, 'assets/models'), { recursive: true });
  for (const name of ['face-detector', 'mediapipe', 'tfjs-wasm']) {
    symlinkSync(`${SDK}/assets/${name}`, join(site, 'assets', name));
  }
  // The small one in the large one's place: samples are tried here, not models.
  for (const name of ['fdrl-ecanet', 'fdrl-ecanet-lite']) {
    symlinkSync(`${SDK}/assets/models/fdrl-ecanet-lite`, join(site, 'assets/models', name));
  }
  symlinkSync(join(site, 'assets'), join(site, 'emotion-cam/assets'));
  symlinkSync(CLIP, join(site, 'clip.webm'));
  return site;
}

/**
 * Opens a page of that site with an empty `<main>`, in a Chromium whose camera plays the clip.
 *
 * @returns {Promise<{
 *   page: import('playwright').Page,
 *   errors: string[],
 *   logged: string[],
 *   received: string[],
 *   close: () => Promise<void>
 * }>} what was thrown and nobody caught, and what was not found; what was logged; what a socket on this machine was sent
 */
export async function openSamplesPage() {
  const site = createSite();
  const { url, browser, close } = await openSite(site, FIRST_PORT + 500, CLIP_AS_CAMERA);
  const page = await browser.newPage();
  const [errors, logged, received] = [[], [], []];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('response', (response) => {
    const isMeant = response.url().includes('/no-such-');
    if (response.status() >= 400 && !isMeant) errors.push(`${response.status()} ${response.url()}`);
  });
  page.on('console', (message) => logged.push(message.text()));
  await page.routeWebSocket('ws://localhost:8765', (socket) => {
    socket.onMessage((message) => received.push(String(message)));
  });
  await page.route('**/samples.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: PAGE }),
  );
  await page.goto(`${url}samples.html`);
  const closeAll = async () => {
    await close();
    rmSync(site, { recursive: true, force: true });
  };
  return { page, errors, logged, received, close: closeAll };
}
