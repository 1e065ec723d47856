/**
 * `node scripts/screenshots/analysis-page.mjs [folder]`: pictures of the demo's page that analyses a recording, before
 * and after it has read the clip, to be looked at. Needs the built demo: `npm run build`.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SITE } from '../lib/build.mjs';
import { Explained, runMain, say, step } from '../lib/log.mjs';
import { openSite } from '../lib/open-site.mjs';

const TIMEOUT_MS = 120_000;

/** @type {readonly { width: number, scheme?: 'dark', isRead: boolean }[]} */
const SHOTS = [
  { width: 1060, isRead: false },
  { width: 1060, isRead: true },
  { width: 1060, isRead: true, scheme: 'dark' },
  { width: 360, isRead: true },
];

await runMain(async () => {
  if (!existsSync(`${SITE}/analysis.html`)) {
    throw new Explained('There is no page to take pictures of. Run: npm run build');
  }
  const folder = process.argv[2] ?? join(SITE, '../screenshots');
  await mkdir(folder, { recursive: true });
  const { url, browser, close } = await openSite(SITE, 5480);
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
 * @param {(typeof SHOTS)[number]} shot
 * @returns {Promise<string>} name of the file
 */
async function take(browser, url, folder, { width, scheme, isRead }) {
  const viewport = { width, height: 700 };
  const context = await browser.newContext({ viewport, colorScheme: scheme ?? 'light' });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  await page.goto(`${url}analysis.html`);
  if (isRead) {
    await page.getByLabel('Model').selectOption('lite');
    await page.getByLabel('Frames').selectOption('5');
    await page.getByRole('button', { name: 'Try the clip' }).click();
    await page.getByRole('status').getByText('frames in').waitFor();
    await page.locator('#cues button').first().click();
    await page.locator('.box').waitFor();
  }
  const name = `${['analysis', width, isRead && 'read', scheme].filter(Boolean).join('-')}.png`;
  await page.screenshot({ path: join(folder, name), fullPage: true });
  await context.close();
  return name;
}
