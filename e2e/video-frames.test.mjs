import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT } from '../scripts/lib/build.mjs';
import { SWIFTSHADER_FRAMES_ARGS } from '../scripts/lib/chromium.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

describe('frames of videos on WebGPU', () => {
  /** @type {string} */
  let folder;
  /** @type {Awaited<ReturnType<typeof openSite>>} */
  let site;
  /** @type {import('playwright').Page} */
  let page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'emotion-cam-frames-'));
    const bundle = await rollup({ input: here('support/video-frames-page.mjs') });
    await bundle.write({ file: join(folder, 'page.js') });
    writeFileSync(join(folder, 'index.html'), '<script type="module" src="page.js"></script>');
    copyFileSync(here('fixtures/clip.webm'), join(folder, 'clip.webm'));
    site = await openSite(folder, FIRST_PORT + 340, SWIFTSHADER_FRAMES_ARGS);
    page = await site.browser.newPage();
    await page.goto(`${site.url}index.html`);
    await page.waitForFunction('globalThis.cropFrames');
  });

  afterAll(async () => {
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const crop = (kind, fault = 'none') =>
    page.evaluate(([kind, fault]) => globalThis.cropFrames(kind, fault), [kind, fault]);

  it.each([
    ['canvas', 1],
    ['RGBA', 1],
    ['I420', 3],
    ['NV12', 3],
    ['clip', 3],
  ])('are read where they lie, with the pixels of their copy: %s', async (kind, most) => {
    const { isImported, mean, errors } = await crop(kind);
    expect(isImported).toBe(true);
    expect(mean).toBeLessThan(most); // of 255
    expect(errors).toEqual([]);
  });

  it.each(['throws', 'is not valid', 'shows something else'])(
    'are copied where the import %s',
    async (fault) => {
      const { isImported, largest, errors } = await crop('canvas', fault);
      expect(isImported).toBe(false);
      expect(largest).toBe(0);
      expect(errors).toEqual([]);
    },
  );

  it('are tried again while they are black, which shows nothing', async () => {
    const { isImported, largest } = await crop('black');
    expect(isImported).toBe(true); // again for a try; the pixels are those of the copy
    expect(largest).toBe(0);
  });
});
