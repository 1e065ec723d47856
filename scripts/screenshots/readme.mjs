import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { SITE } from '../lib/build.mjs';
import { openSite } from '../lib/open-site.mjs';
import { probe, waitForSightings } from '../lib/probe.mjs';
import { ROOT } from '../lib/run.mjs';

const TIMEOUT_MS = 240_000;

/**
 * Writes docs/screenshot.png, the README's: the demo while it reads the clip for the second time. Each is a
 * little different, so nothing compares it.
 */
export async function takeReadmePicture() {
  const { url, browser, close } = await openSite(SITE, 5470);
  try {
    const page = await browser.newPage({ viewport: { width: 1060, height: 1060 } });
    await probe(page);
    await page.goto(`${url}?source=clip&backend=wasm`);
    const { length } = await waitForSightings(page, { lost: 2 }, TIMEOUT_MS);
    await waitForSightings(page, { emotions: length + 10, lost: 2 }, TIMEOUT_MS);
    const picture = await page.screenshot();
    const file = await sharp(picture).png({ palette: true, effort: 10 }).toBuffer();
    await writeFile(`${ROOT}docs/screenshot.png`, file);
  } finally {
    await close();
  }
}
