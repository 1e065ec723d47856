import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT, SITE } from '../scripts/lib/build.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { listenForComplaints } from '../scripts/lib/probe.mjs';

const TIMEOUT_MS = 100_000; // models are loaded again and again, on a machine that may be busy
const CLIP = fileURLToPath(new URL('fixtures/clip.webm', import.meta.url));

/** One page for all: every test begins where the one before left it. */
describe('the controls of the demo', { timeout: TIMEOUT_MS }, () => {
  /** @type {Awaited<ReturnType<typeof openSite>>} */
  let site;
  /** @type {import('playwright').Page} */
  let page;
  /** @type {string[]} */
  let complaints;

  beforeAll(async () => {
    site = await openSite(SITE, FIRST_PORT + 500);
    page = await site.browser.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    complaints = listenForComplaints(page);
    await page.goto(`${site.url}?source=clip&backend=wasm&model=lite`);
  });
  afterAll(async () => {
    await site.close();
  });

  /** @param {string} name of a button @returns {Promise<Buffer>} what it saves */
  const saved = async (name) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name }).click(); // waits until it is enabled
    return readFileSync(await (await download).path());
  };

  /** @param {string} selector of a chart @returns {Promise<number>} pixels that its lines cover */
  const inkOf = (selector) =>
    page.evaluate((selector) => {
      const canvas = document.querySelector(`${selector} canvas`);
      if (!canvas) return 0;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, index) => index % 4 === 3 && value > 200).length;
    }, selector);

  it('show the heat map and save a recording in each format', async () => {
    await page.getByRole('button', { name: 'Record' }).click();
    expect(await page.getByRole('button', { name: 'CSV' }).isDisabled()).toBe(true);
    await page.getByLabel('Heat map').check();
    await page.waitForFunction(() => {
      const canvas = document.getElementById('cam').renderRoot.querySelector('.heatmap');
      if (!canvas) return false;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value) => value > 0);
    });
    await page.getByRole('button', { name: 'Stop recording' }).click();
    const json = JSON.parse(`${await saved('JSON')}`);
    expect(json.model).toBe('fdrl-ecanet-lite');
    expect(json.frames.length).toBeGreaterThan(0);
    expect(`${await saved('CSV')}`.split('\n')[0]).toContain('score_happiness');
    expect(`${await saved('VTT')}`).toMatch(/^WEBVTT\n/);
    await page.getByLabel('Heat map').uncheck();
  });

  it('save the picture as PNG', async () => {
    expect((await saved('Snapshot')).subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  });

  it('draw the timeline, and the times of a frame on demand', async () => {
    await expect.poll(() => inkOf('#timeline')).toBeGreaterThan(100);
    expect(await page.locator('#timeline li').allTextContents()).toHaveLength(7);
    expect(await page.locator('#frame-times canvas').count()).toBe(0);
    await page.getByText('Where the time of a frame goes').click();
    await expect.poll(() => inkOf('#frame-times'), { timeout: 10_000 }).toBeGreaterThan(100);
  });

  it('change the model, the back end and the number of faces', async () => {
    await page.getByRole('combobox', { name: 'Model' }).selectOption('Full');
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByRole('combobox', { name: 'Model' }).selectOption('Lite'); // ends the recording
    expect(JSON.parse(`${await saved('JSON')}`).model).toBe('fdrl-ecanet');

    await page.getByLabel('Back end').selectOption('JavaScript');
    await page.getByLabel('Faces').selectOption('3');
    await page.waitForFunction(() => document.getElementById('cam').stats?.backend === 'cpu');
    expect(await page.locator('#backend').textContent()).toBe('cpu');
    expect(await page.evaluate(() => document.getElementById('cam').maxFaces)).toBe(3);
    await page.getByLabel('Back end').selectOption('WebAssembly');
  });

  it('read a video of one’s own, and say why another file is not read', async () => {
    await page.getByLabel('Open a video').setInputFiles(CLIP);
    await expect
      .poll(() => page.locator('#note').textContent())
      .toBe('clip.webm is read on this device and sent nowhere.');
    await page.waitForFunction(() => {
      const { src, stats } = document.getElementById('cam');
      return src.startsWith('blob:') && stats;
    });
    const notVideo = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
    await page.getByLabel('Open a video').setInputFiles(notVideo);
    expect(await page.locator('#note').textContent()).toBe(
      'notes.txt is not a video (text/plain). Open or drop a video file.',
    );
  });

  it('take a video that is dropped on the page', async () => {
    const before = await page.evaluate(() => document.getElementById('cam').src);
    const bytes = readFileSync(CLIP).toString('base64');
    await page.evaluate((bytes) => {
      const dataTransfer = new DataTransfer();
      const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
      dataTransfer.items.add(new File([content], 'dropped.webm', { type: 'video/webm' }));
      const about = { bubbles: true, cancelable: true, dataTransfer };
      document.body.dispatchEvent(new DragEvent('dragover', about));
      if (!document.body.matches('.dropping')) throw new Error('It does not say that it can drop.');
      document.body.dispatchEvent(new DragEvent('drop', about));
    }, bytes);
    expect(await page.evaluate(() => document.getElementById('cam').src)).not.toBe(before);
    expect(await page.locator('#note').textContent()).toContain('dropped.webm');
    expect(await page.locator('body').getAttribute('class')).toBe('');
  });

  it('stop', async () => {
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await page.getByRole('button', { name: 'Snapshot' }).isDisabled()).toBe(true);
    expect(await page.evaluate(() => document.getElementById('cam').state)).toBe('idle');
  });

  it('and nothing complained', () => {
    expect(complaints).toEqual([]);
  });
});
