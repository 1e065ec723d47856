import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FIRST_PORT } from '../scripts/lib/build.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { listenForComplaints, probe, waitForSightings } from '../scripts/lib/probe.mjs';
import { ROOT } from '../scripts/lib/run.mjs';

const PAGE = `<!doctype html>
<script type="module" src="/dist/emotion-cam.bundle.js"></script>
<emotion-cam id="cam" src="/clip.webm" autostart></emotion-cam>`;

it('the bundle and one tag make a page, with the assets from the package’s own folder', async () => {
  const { url, browser, close } = await openSite(`${ROOT}packages/sdk`, FIRST_PORT + 200);
  try {
    const page = await browser.newPage();
    const complaints = listenForComplaints(page);
    await probe(page);
    await page.route('**/page.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: PAGE }),
    );
    await page.route('**/clip.webm', (route) =>
      route.fulfill({ path: fileURLToPath(new URL('fixtures/clip.webm', import.meta.url)) }),
    );
    await page.route('**/favicon.ico', (route) => route.fulfill({ body: '' }));
    await page.goto(`${url}page.html`);
    const seen = await waitForSightings(page, { emotions: 1 }, 120_000);
    expect(seen.slice(0, 2).map(({ type }) => type)).toEqual(['ready', 'emotion']);
    expect(complaints).toEqual([]);
  } finally {
    await close();
  }
});
