import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT, SITE } from '../scripts/lib/build.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { CLIP_AS_CAMERA } from './support/clip.mjs';

describe('the demo, left and come back to', () => {
  /** @type {Awaited<ReturnType<typeof openSite>>} */
  let site;
  beforeAll(async () => {
    site = await openSite(SITE, FIRST_PORT + 600, CLIP_AS_CAMERA, [
      '--disable-back-forward-cache', // Playwright's
    ]);
  });
  afterAll(async () => {
    await site.close();
  });

  /** Opens the demo, waits for results, goes to another page and back; what the page saw then. */
  async function leaveAndComeBack(source) {
    const page = await site.browser.newPage();
    await page.addInitScript(() => {
      const seen = { shows: [], emotions: 0, readies: 0, changes: 0, errors: [] };
      Object.assign(globalThis, { seen });
      addEventListener('pageshow', ({ persisted }) => seen.shows.push(persisted));
      const count = (type, name) => document.addEventListener(type, () => (seen[name] += 1), true);
      count('emotion', 'emotions');
      count('ready', 'readies');
      count('setup-change', 'changes');
      document.addEventListener('error', ({ error }) => seen.errors.push(error?.code), true);
    });
    const seen = (least) =>
      page
        .waitForFunction((least) => globalThis.seen.emotions >= least && globalThis.seen, least)
        .then((handle) => handle.jsonValue());
    await page.goto(`${site.url}?source=${source}&backend=wasm&model=lite`);
    await seen(3);
    await page.goto(`${site.url}clip.webm`);
    await page.goBack({ waitUntil: 'commit' }); // a page that was kept is not loaded again
    const { shows, emotions } = await seen(0);
    return { shows, after: await seen(emotions + 5) };
  }

  it('goes on with the same recognizer where the browser kept the page', async () => {
    const { shows, after } = await leaveAndComeBack('clip');
    expect(shows).toEqual([false, true]);
    expect(after).toMatchObject({ readies: 1, changes: 0, errors: [] });
  });

  it('starts anew where it did not, as Chromium with a camera', async () => {
    const { shows, after } = await leaveAndComeBack('camera');
    expect(shows).toEqual([false]);
    expect(after).toMatchObject({ readies: 1, errors: [] });
  });
});
