import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elementManifest } from '../scripts/lib/docs/element-reference.mjs';
import { readSamples } from '../scripts/lib/samples/samples.mjs';
import { provideCam, readStyles, runHtml, runModule } from './support/run-sample.mjs';
import { openSamplesPage } from './support/samples-page.mjs';

const samples = readSamples();
const inHtml = samples.filter(({ kind, language }) => kind === 'run' && language === 'html');
const inCode = samples.filter(({ kind, language }) => kind === 'run' && language !== 'html');
const EMOTION = /^(neutral|happiness|surprise|sadness|anger|disgust|fear) /;

/** Messages of a page come a little after what they are about. */
const POLL = { timeout: 20_000 };

describe('samples in the documentation, in one page of a site as it describes', () => {
  /** @type {Awaited<ReturnType<typeof openSamplesPage>>} */
  let open;
  const startMs = Date.now();
  beforeAll(async () => {
    open = await openSamplesPage();
    const { attributes, events, slots } = elementManifest();
    const names = (list) => list.map(({ name }) => name);
    const known = { attributes: names(attributes), events: names(events), slots: names(slots) };
    await open.page.evaluate((value) => Object.assign(globalThis, { known: value }), known);
  });
  afterAll(() => open?.close());

  it.each(inHtml)('$place runs', async (sample) => {
    const { page, errors, logged } = open;
    logged.length = 0;
    await runHtml(page, sample);
    expect(errors).toEqual([]);
    if (sample.code.includes('console.log')) {
      await expect.poll(() => logged.some((one) => EMOTION.test(one)), POLL).toBe(true);
    }
  });

  it.each(samples.filter(({ kind }) => kind === 'style'))('$place is read', async (sample) => {
    await readStyles(open.page, sample);
  });

  describe('beside an element that runs', () => {
    beforeAll(() => provideCam(open.page));

    it.each(inCode)('$place runs', async (sample) => {
      await runModule(open.page, sample);
      expect(open.errors).toEqual([]);
    });

    it('had their events and calls answered', async () => {
      const { page, errors, logged, received } = open;
      const seen = await page.evaluate(
        () =>
          new Promise((resolve) =>
            globalThis.cam.addEventListener('emotion', (event) => resolve(event.type)),
          ),
      );
      expect(seen).toBe('emotion');
      expect(errors).toEqual([]);
      expect(logged).toContain('manifest-missing'); // troubleshooting
      await expect.poll(() => received.length, POLL).toBeGreaterThan(0); // studies
      const { unixMs, scores } = JSON.parse(received[0]);
      expect(unixMs).toBeGreaterThan(startMs);
      expect(unixMs).toBeLessThan(Date.now());
      expect(Object.keys(scores)).toHaveLength(7);
    });
  });
});
