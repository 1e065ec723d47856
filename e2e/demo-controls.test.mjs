import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FIRST_PORT, SITE } from '../scripts/lib/build.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { listenForComplaints } from '../scripts/lib/probe.mjs';

it('the demo shows the heat map, saves a recording in each format and changes the model', async () => {
  const { url, browser, close } = await openSite(SITE, FIRST_PORT + 500);
  try {
    const page = await browser.newPage();
    const complaints = listenForComplaints(page);
    await page.goto(`${url}?source=clip&backend=wasm&model=lite`);
    await page.getByRole('button', { name: 'Record' }).click(); // waits until it is enabled
    expect(await page.getByRole('button', { name: 'CSV' }).isDisabled()).toBe(true);
    await page.getByLabel('Heat map').check();
    await page.waitForFunction(() => {
      const cam = document.getElementById('cam');
      const canvas = cam.renderRoot.querySelector('.heatmap');
      if (!canvas) return false;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value) => value > 0);
    });
    await page.getByRole('button', { name: 'Stop recording' }).click();

    /** @param {string} name @returns {Promise<string>} what the file holds */
    const saved = async (name) => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      return readFileSync(await (await download).path(), 'utf8');
    };
    const json = JSON.parse(await saved('JSON'));
    expect(json.model).toBe('fdrl-ecanet-lite');
    expect(json.frames.length).toBeGreaterThan(0);
    expect((await saved('CSV')).split('\n')[0]).toContain('score_happiness');
    expect(await saved('VTT')).toMatch(/^WEBVTT\n/);

    await page.getByText('Full', { exact: true }).click();
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByRole('button', { name: 'Stop recording' }).click();
    expect(JSON.parse(await saved('JSON')).model).toBe('fdrl-ecanet');
    expect(complaints).toEqual([]);
  } finally {
    await close();
  }
});
