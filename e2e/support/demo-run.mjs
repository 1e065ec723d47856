import { existsSync } from 'node:fs';
import { FIRST_PORT, SITE } from '../../scripts/lib/build.mjs';
import { openSite } from '../../scripts/lib/open-site.mjs';
import {
  listenForComplaints,
  probe,
  sightings,
  waitForSightings,
} from '../../scripts/lib/probe.mjs';

/**
 * @typedef {object} DemoRun
 * @property {string} origin of the demo
 * @property {import('../../scripts/lib/probe.mjs').Sighting[]} sightings in order
 * @property {string[]} requests every URL the browser asked for
 * @property {string[]} complaints errors on the console, Content-Security-Policy's too
 * @property {string} text what the page's light DOM says at the end
 */

/**
 * Loads the built demo once, as `npm start` serves it, and watches it until it has seen enough.
 *
 * @param {object} options
 * @param {string} options.query of the page's address
 * @param {readonly string[]} [options.args] more arguments for Chromium
 * @param {{ emotions?: number, lost?: number }} options.until how many events to wait for
 * @param {number} options.timeoutMs
 * @returns {Promise<DemoRun>}
 */
export async function runDemo({ query, args = [], until, timeoutMs }) {
  if (!existsSync(`${SITE}/index.html`)) {
    throw new Error(`There is no built demo in ${SITE}. Run: npm test -- e2e, which builds it.`);
  }
  const { url, browser, close } = await openSite(SITE, FIRST_PORT + 100, args);
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const requests = [];
    const complaints = listenForComplaints(page);
    page.context().on('request', (request) => requests.push(request.url()));
    await probe(page);
    await page.goto(url + query);
    try {
      await waitForSightings(page, until, timeoutMs);
    } catch (error) {
      throw new Error(await describe(page, complaints), { cause: error });
    }
    const text = await page.evaluate(() => document.body.innerText);
    const { origin } = new URL(url);
    return { origin, sightings: await sightings(page), requests, complaints, text };
  } finally {
    await close();
  }
}

/**
 * What a run asked of another origin than the demo's own.
 *
 * @param {DemoRun} run
 * @returns {string[]} addresses
 */
export function foreignRequests({ requests, origin }) {
  const own = [`${origin}/`, `blob:${origin}/`, 'data:'];
  return requests.filter((url) => !own.some((start) => url.startsWith(start)));
}

/** @param {import('playwright').Page} page @param {readonly string[]} complaints */
async function describe(page, complaints) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { type } of await sightings(page)) counts[type] = (counts[type] ?? 0) + 1;
  return `The page did not see enough in time. Seen: ${JSON.stringify(counts)}. Browser: ${complaints.join(' | ') || 'no complaint'}`;
}
