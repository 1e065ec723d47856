import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT, SITE } from '../scripts/lib/build.mjs';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/lib/chromium.mjs';
import { FAKE_CAMERA, openFirefox } from '../scripts/lib/firefox.mjs';
import { writeDownSightings } from '../scripts/lib/probe.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';
import { CLIP, bestOverlap, emotionsOf, errorsOf, framesAround, shareOf } from './support/clip.mjs';

const SCRIPTS = new URL('./firefox/', import.meta.url);
const TIMEOUT_MS = 90_000; // a cold Firefox on a busy machine, with room

/** The pages that Firefox visits, one after the other; each tells what it saw. */
const VISITS = ['/demo.html?source=clip&backend=wasm&model=lite', '/still.html', '/camera.html'];

/** @param {string} name of its script */
const pageOf = (name) => `<!doctype html>
<html lang="en">
<link rel="icon" href="data:,">
<script type="module" src="/scripts/${name}.js"></script>
<emotion-cam id="cam" consent="required" backend="wasm" model="lite"></emotion-cam>`;

/** The demo, the SDK and the pages of this test in one folder. @returns {string} the folder */
function createSite() {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-firefox-'));
  for (const name of readdirSync(SITE)) symlinkSync(join(SITE, name), join(folder, name));
  symlinkSync(`${ROOT}packages/sdk`, join(folder, 'sdk'));
  symlinkSync(`${ROOT}e2e/fixtures/astronaut.png`, join(folder, 'astronaut.png'));
  symlinkSync(SCRIPTS.pathname, join(folder, 'scripts'));
  for (const name of ['still', 'camera', 'no-camera']) {
    writeFileSync(join(folder, `${name}.html`), pageOf(name));
  }
  const scripts =
    '<script src="/probe.js"></script><script type="module" src="/scripts/demo.js"></script>';
  const demo = readFileSync(`${SITE}/index.html`, 'utf8');
  writeFileSync(join(folder, 'demo.html'), demo.replace('<head>', `<head>${scripts}`));
  writeFileSync(join(folder, 'probe.js'), `(${writeDownSightings})()`);
  return folder;
}

describe('in Firefox, on wasm', () => {
  /** @type {string} */
  let folder;
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  /** @type {Map<string, unknown>} */
  const reports = new Map();
  /** @type {(() => Promise<void>)[]} */
  const closing = [];

  /** @param {string} name of the page @returns {Promise<any>} what it told */
  const reportOf = async (name) => {
    await expect.poll(() => reports.has(name), { timeout: TIMEOUT_MS, interval: 100 }).toBe(true);
    return reports.get(name);
  };

  /** @param {string} path @param {Record<string, unknown>} preferences */
  const visit = async (path, preferences) => {
    const { close } = await openFirefox(new URL(path, server.url).href, preferences);
    closing.push(close);
  };

  beforeAll(async () => {
    folder = createSite();
    server = await serve(folder, FIRST_PORT + 600, {
      onPost: (path, body) => {
        const name = path.slice('/report/'.length);
        reports.set(name, JSON.parse(body));
        const at = VISITS.findIndex((visit) => visit.startsWith(`/${name}.html`));
        return (at >= 0 && VISITS[at + 1]) || '';
      },
    });
    await visit(VISITS[0], FAKE_CAMERA);
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'the demo finds the face of the clip and sees its smile',
    async () => {
      const { sightings } = await reportOf('demo');
      expect(errorsOf(sightings)).toEqual([]);
      expect(emotionsOf(sightings)[0].stats.backend).toBe('wasm');
      expect(shareOf(sightings, 'happiness')).toBeGreaterThan(0.9);
      const overlaps = emotionsOf(sightings)
        .map((sighting) => ({ sighting, faces: framesAround(sighting) }))
        .filter(({ faces }) => faces.length > 0 && faces.every(({ visible }) => visible === 1))
        .map(({ sighting, faces }) => bestOverlap(sighting.box, faces));
      expect(overlaps.length).toBeGreaterThan(5);
      // A busy Firefox may have gone on to another picture than the one whose time it told.
      const inPlace = overlaps.filter((overlap) => overlap >= 0.6);
      expect(inPlace.length / overlaps.length).toBeGreaterThan(0.6);
      for (const { box } of emotionsOf(sightings)) {
        expect(bestOverlap(box, CLIP.faces)).toBeGreaterThanOrEqual(0.4);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'a picture is read as in Chromium',
    async () => {
      const [here] = await reportOf('still');
      reports.delete('still');
      const executablePath = await ensureChromium();
      const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
      try {
        const page = await browser.newPage();
        await page.goto(`${server.url}still.html`);
        const [there] = await reportOf('still');
        expect(bestOverlap(here.box, [there])).toBeGreaterThan(0.97);
        expect(here.logits).toHaveLength(7);
        const differences = here.logits.map((logit, index) =>
          Math.abs(logit - there.logits[index]),
        );
        expect(Math.max(...differences)).toBeLessThan(0.1);
      } finally {
        await browser.close();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'the camera is asked for after the person has agreed, and goes off on stop',
    async () => {
      expect(await reportOf('camera')).toEqual([
        { part: 'start-button', state: 'consent', tracks: [] },
        { part: 'decline-button', state: 'idle', tracks: [] },
        { part: 'start-button', state: 'consent', tracks: [] },
        { part: 'agree-button', state: 'running', tracks: ['live'] },
        { backend: 'wasm' },
        { part: 'stop-button', state: 'idle', tracks: ['ended'] },
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'the element says that there is no camera',
    async () => {
      await visit('/no-camera.html', {});
      const { code, text } = await reportOf('no-camera');
      expect(code).toBe('camera-not-found');
      expect(text).toContain('There is no camera.');
    },
    TIMEOUT_MS,
  );
});
