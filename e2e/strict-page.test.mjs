import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FIRST_PORT } from '../scripts/lib/build.mjs';
import { CROSS_ORIGIN_ISOLATION } from '../scripts/lib/headers.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { listenForComplaints, probe, waitForSightings } from '../scripts/lib/probe.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { errorsOf } from './support/clip.mjs';
import { listenForViolations, violations } from './support/violations.mjs';

const PAGE = `<!doctype html>
<html lang="de">
<link rel="icon" href="/icon.svg">
<script type="module" src="/dist/emotion-cam.bundle.js"></script>
<emotion-cam id="cam" src="/clip.webm" backend="wasm" model="lite" autostart></emotion-cam>`;

/** What a careful site allows itself: no inline code, no blobs, no other origin. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types emotion-cam lit-html',
].join('; ');

/**
 * An open page with the element, all of whose scripts, those of workers too, are under the policy.
 *
 * @param {Record<string, string>} [others] further headers
 */
async function openStrictPage(others = {}) {
  const { url, browser, close } = await openSite(`${ROOT}packages/sdk`, FIRST_PORT + 300);
  const page = await browser.newPage();
  const complaints = listenForComplaints(page);
  /** @type {string[]} */
  const foreign = [];
  await probe(page);
  await listenForViolations(page);
  const headers = { 'Content-Security-Policy': POLICY, ...others };
  await page.context().route('**/*', async (route) => {
    const { origin, pathname } = new URL(route.request().url());
    if (`${origin}/` !== url) {
      foreign.push(route.request().url());
      await route.abort();
    } else if (pathname === '/page.html') {
      await route.fulfill({ contentType: 'text/html', body: PAGE, headers });
    } else if (pathname === '/icon.svg') {
      await route.fulfill({ contentType: 'image/svg+xml', body: '<svg/>' });
    } else if (pathname === '/clip.webm') {
      const path = fileURLToPath(new URL('fixtures/clip.webm', import.meta.url));
      await route.fulfill({ path });
    } else if (pathname.endsWith('.js')) {
      const response = await route.fetch(); // scripts of workers have a policy of their own
      await route.fulfill({ response, headers: { ...response.headers(), ...lower(headers) } });
    } else {
      await route.continue();
    }
  });
  await page.goto(`${url}page.html`);
  return { page, complaints, foreign, close };
}

it('runs under a strict policy, without a violation, when no other origin can be reached', async () => {
  const { page, complaints, foreign, close } = await openStrictPage();
  try {
    const seen = await waitForSightings(page, { emotions: 1 }, 120_000);
    expect(await violations(page)).toEqual([]);
    expect(page.workers()).toHaveLength(1);
    expect(errorsOf(seen)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(seen.slice(0, 2).map(({ type }) => type)).toEqual(['ready', 'emotion']);
    expect(foreign).toEqual([]);
    expect(await page.getByRole('meter', { name: 'Freude' }).count()).toBe(1);
  } finally {
    await close();
  }
}, 240_000);

it('does without threads, and says why, where it could have them and the policy refuses blobs', async () => {
  const { page, close } = await openStrictPage(CROSS_ORIGIN_ISOLATION);
  try {
    const seen = await waitForSightings(page, { emotions: 1 }, 120_000);
    expect(errorsOf(seen)).toEqual([]);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    // As text: vitest rewrites the imports of functions.
    const reason = await page.evaluate(`(async () => {
      const { EmotionRecognizer } = await import('/dist/emotion-cam.bundle.js');
      const recognizer = await EmotionRecognizer.create({ backend: 'wasm', model: 'lite' });
      recognizer.dispose();
      return recognizer.backend.reason;
    })()`);
    expect(reason).toMatch(/one thread: the page's policy does not allow blob:/);
  } finally {
    await close();
  }
}, 240_000);

it('works in the page where Trusted Types are asked for and its policy is not allowed', async () => {
  const policy = POLICY.replace('trusted-types emotion-cam ', 'trusted-types ');
  const { page, close } = await openStrictPage({ 'Content-Security-Policy': policy });
  try {
    const seen = await waitForSightings(page, { emotions: 1 }, 120_000);
    expect(errorsOf(seen)).toEqual([]);
    expect(page.workers()).toHaveLength(0);
    expect(await violations(page)).toContain('trusted-types: trusted-types-policy');
  } finally {
    await close();
  }
}, 240_000);

/** @param {Record<string, string>} headers */
function lower(headers) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
