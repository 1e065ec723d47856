import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT, SITE } from '../scripts/lib/build.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { ROOT } from '../scripts/lib/run.mjs';

const AXE = readFileSync(`${ROOT}node_modules/axe-core/axe.min.js`, 'utf8');
const CLIP = '?source=clip&backend=wasm&model=lite';

describe('axe finds nothing', () => {
  /** @type {Awaited<ReturnType<typeof openSite>>} */
  let site;
  beforeAll(async () => {
    site = await openSite(SITE, FIRST_PORT + 800);
  });
  afterAll(() => site?.close());

  it.each([
    { name: 'the demo', path: CLIP, width: 1060, colorScheme: 'light' },
    { name: 'the demo, dark and narrow', path: CLIP, width: 320, colorScheme: 'dark' },
    { name: 'a host page', path: 'host.html', width: 1060, colorScheme: 'light' },
    { name: 'the embedded page, dark', path: 'embed.html', width: 272, colorScheme: 'dark' },
  ])('in $name', async ({ path, width, colorScheme }) => {
    const page = await site.browser.newPage({ viewport: { width, height: 700 }, colorScheme });
    await page.goto(site.url + path);
    if (path === CLIP) {
      await page.waitForFunction(() => document.querySelector('#timeline canvas'));
      await page.getByText('Where the time of a frame goes').click();
      await page.waitForFunction(() => document.querySelector('#frame-times canvas'));
    } else if (path === 'host.html') {
      await page.getByRole('button', { name: 'Facial expression' }).click();
    }
    // Nothing reaches beyond the side of the page.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      width,
    );
    await page.evaluate(AXE); // not a script of the page, whose policy would refuse it
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)).toEqual(
      [],
    );
    await page.close();
  });
});
