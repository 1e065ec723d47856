import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT, SITE } from '../scripts/lib/build.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { listenForComplaints } from '../scripts/lib/probe.mjs';
import { CLIP, overlap } from './support/clip.mjs';

const VIDEO = fileURLToPath(new URL('fixtures/clip.webm', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the analysis page', () => {
  /** @type {Awaited<ReturnType<typeof openSite>>} */
  let site;
  /** @type {import('playwright').Page} */
  let page;
  /** @type {string[]} */
  let complaints;

  beforeAll(async () => {
    site = await openSite(SITE, FIRST_PORT + 600);
    page = await site.browser.newPage();
    complaints = listenForComplaints(page);
    await page.goto(site.url);
    await page.getByRole('link', { name: 'Analyse a recording' }).click(); // the demo leads there
    await page.getByLabel('Model').selectOption('lite');
    await page.getByLabel('Frames').selectOption('5');
  });
  afterAll(() => site.close());

  const note = () => page.getByRole('status');

  /** @param {string | { name: string, mimeType: string, buffer: Buffer }} file */
  const choose = (file) => page.getByLabel('Choose a video').setInputFiles(file);

  /** @param {string} name @returns {Promise<{ file: string, text: string }>} what is saved */
  async function saved(name) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name }).click();
    const done = await download;
    return { file: done.suggestedFilename(), text: readFileSync(await done.path(), 'utf8') };
  }

  /** Names of the rules that are broken. */
  const broken = async () => {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
  };

  it('is accessible before a video is chosen', async () => {
    expect(await broken()).toEqual([]);
  });

  it('analyses a file, and saves what comes out in each format', async () => {
    await choose(VIDEO);
    await note().getByText('frames in').waitFor({ timeout: 60_000 });
    expect(await note().innerText()).toMatch(
      /^50 frames in .* times real time, on \w+\. WebCodecs/,
    );
    const { file, text } = await saved('JSON');
    const { frames, model } = JSON.parse(text);
    expect([file, model, frames.length]).toEqual(['clip.json', 'fdrl-ecanet-lite', 50]);
    expect((await saved('CSV')).text.split('\r\n')[1]).toMatch(/^67\.0,1,happiness,false/);
    expect((await saved('VTT')).text).toMatch(/^WEBVTT\n/);
    const faces = await page.locator('#face option').allInnerTexts();
    expect(faces[0]).toBe('1 (0:00 – 0:05)'); // the one that is seen longest
    expect(faces.at(-1)).toMatch(/^\d \(0:0[5-9] – /);
  }, 90_000);

  it('shows the moment that is clicked on, with the face’s box', async () => {
    const { x, y, width } = await page.locator('.u-over').boundingBox();
    await page.mouse.click(x + (width * 2.6) / 9.8, y + 20); // the scale ends with the last frame
    await page.waitForFunction(() => document.querySelector('.box span')?.textContent);
    await page.waitForFunction(() => !document.getElementById('video').seeking);
    const shown = await page.evaluate(() => {
      const video = document.getElementById('video');
      const [box, picture] = [document.querySelector('.box'), video].map((element) =>
        element.getBoundingClientRect(),
      );
      const scale = video.videoWidth / picture.width;
      return {
        time: video.currentTime,
        label: document.querySelector('.box').textContent,
        box: {
          x: (box.x - picture.x) * scale,
          y: (box.y - picture.y) * scale,
          width: box.width * scale,
          height: box.height * scale,
        },
      };
    });
    expect(shown.time).toBeCloseTo(2.6, 0.5);
    expect(shown.label).toBe('1: happiness');
    const known = CLIP.faces[Math.round(shown.time * CLIP.framesPerSecond)].box;
    expect(overlap(shown.box, known)).toBeGreaterThan(0.6);
  });

  it('leads to each expression by keyboard', async () => {
    const last = page.locator('#cues').getByRole('button').last();
    expect(await last.innerText()).toMatch(/^0:08 – 0:10 Face \d: happiness 9\d %$/);
    await last.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('video').currentTime > 8);
    await page.waitForFunction(() => document.querySelector('.box span')?.textContent[0] !== '1');
  });

  it('is accessible with a result', async () => {
    expect(await broken()).toEqual([]);
  });

  it('keeps what it has when it is cancelled', async () => {
    await page.getByLabel('Model').selectOption('full'); // begins again
    await page.getByText('left').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await note().getByText('Cancelled; so far').waitFor();
    const { frames, model } = JSON.parse((await saved('JSON')).text);
    expect(model).toBe('fdrl-ecanet');
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.length).toBeLessThan(50);
  }, 90_000);

  it('says what is wrong with a file', async () => {
    await choose({ name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from('Dear Eileen') });
    await note().getByText('The video cannot be decoded').waitFor();
    expect(await page.getByRole('heading', { name: 'Result' }).isVisible()).toBe(false);
    await choose({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear Eileen') });
    await note().getByText('a.txt is not a video').waitFor();
  });

  it('does all that without a complaint of the browser', () => {
    expect(complaints).toEqual([]);
  });
});
