import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT, SITE } from '../scripts/lib/build.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { CLIP_AS_CAMERA } from './support/clip.mjs';

const QUERY = 'backend=wasm&model=lite';

describe('the widget on a page of another origin', () => {
  /** @type {Awaited<ReturnType<typeof openSite>>} the site that has the demo */
  let site;
  /** That of somebody else, with no policy and no isolation. */
  const host = createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(hostPage);
  });
  let hostPage = '';
  /** @type {string} */
  let hostOrigin;
  /** @type {string} */
  let siteOrigin;

  beforeAll(async () => {
    site = await openSite(SITE, FIRST_PORT + 700, CLIP_AS_CAMERA);
    siteOrigin = new URL(site.url).origin;
    await once(host.listen(0, 'localhost'), 'listening');
    hostOrigin = `http://localhost:${host.address().port}`;
  });
  afterAll(async () => {
    await site?.close();
    host.close();
  });

  /** Opens a page of the other site. @param {string} body */
  const openHost = async (body) => {
    hostPage = `<!doctype html><html lang="en"><title>A host</title><link rel="icon" href="data:,">
      <script>
        var heard = [];
        addEventListener('message', ({ data, origin }) => heard.push({ ...data, origin }));
      </script>${body}`;
    const page = await site.browser.newPage();
    await page.goto(hostOrigin);
    return page;
  };
  /** @param {import('playwright').Page} page @param {string} type */
  const waitForMessage = (page, type) =>
    page.waitForFunction(
      (type) => globalThis.heard.find((message) => message.type === type),
      type,
      { timeout: 20_000 },
    );
  /** @param {import('playwright').Page} page */
  const stateIn = (page) =>
    page.frames()[1].evaluate(() => {
      const { state, renderRoot } = document.getElementById('cam');
      const camera = renderRoot.querySelector('video').srcObject?.active ?? false;
      return { state, camera };
    });

  it('asks the person, gives the page the readings, and folds up with the camera off', async () => {
    const page = await openHost(`
      <script src="${site.url}widget.js"></script>
      <emotion-cam-widget src="${site.url}embed.html?${QUERY}"></emotion-cam-widget>`);
    const toggle = page.getByRole('button', { name: 'Facial expression' });
    expect(await toggle.getAttribute('aria-expanded')).toBe('false');
    expect(page.frames()).toHaveLength(1); // nothing is loaded before it is opened
    await toggle.click();
    const frame = page.frameLocator('iframe');
    const agree = frame.getByRole('button', { name: 'Agree and start' });
    await agree.waitFor();
    expect(await frame.locator('#note').textContent()).toContain(new URL(hostOrigin).host);
    expect(await stateIn(page)).toEqual({ state: 'consent', camera: false });

    await page.evaluate(() => {
      globalThis.events = [];
      document
        .querySelector('emotion-cam-widget')
        .addEventListener('emotion-cam-message', ({ message }) => globalThis.events.push(message));
    });
    await agree.click();
    await waitForMessage(page, 'emotion');
    const [emotion] = await page.evaluate(() =>
      globalThis.events.filter(({ type }) => type === 'emotion'),
    );
    expect(emotion.faces[0].emotion).toBe('happiness');
    expect(Object.keys(emotion.faces[0]).sort()).toEqual([
      ...['emotion', 'id', 'isUncertain', 'scores'],
    ]);
    expect(Math.abs(emotion.epochMs - Date.now())).toBeLessThan(60_000);

    await toggle.click();
    await expect.poll(() => stateIn(page)).toEqual({ state: 'idle', camera: false });
    await page.evaluate(() => (globalThis.heard.length = 0));
    await toggle.click(); // they have agreed already
    await waitForMessage(page, 'emotion');
    expect(await stateIn(page)).toEqual({ state: 'running', camera: true });
    await page.close();
  });

  it('says that the page around does not pass the camera on', async () => {
    const page = await openHost(
      `<iframe src="${site.url}embed.html?${QUERY}&host=${hostOrigin}"></iframe>`,
    );
    const frame = page.frameLocator('iframe');
    await frame.getByRole('button', { name: 'Agree and start' }).click();
    await frame.getByText('does not let it use the camera').waitFor();
    await waitForMessage(page, 'error');
    const heard = await page.evaluate(() => globalThis.heard);
    const error = heard.find(({ type }) => type === 'error');
    expect(error.code).toBe('camera-blocked-by-policy');
    expect(error.origin).toBe(siteOrigin);
    await page.close();
  });

  /** The host page asks its frame to stop. @param {import('playwright').Page} page */
  const askToStop = (page) =>
    page.evaluate(
      (origin) =>
        document
          .querySelector('iframe')
          .contentWindow.postMessage({ emotionCam: 1, type: 'stop' }, origin),
      siteOrigin,
    );

  it('tells nothing to, and takes nothing from, a page that is not the one it was made for', async () => {
    const page = await openHost(
      `<iframe allow="camera" src="${site.url}embed.html?${QUERY}&host=https://friend.example"></iframe>`,
    );
    await page.frameLocator('iframe').getByRole('button', { name: 'Agree and start' }).waitFor();
    await askToStop(page);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await stateIn(page)).toEqual({ state: 'consent', camera: false });
    expect(await page.evaluate(() => globalThis.heard)).toEqual([]);
    await page.close();
  });

  it('does what the page asks for, and passes over what it does not know', async () => {
    const page = await openHost(
      `<iframe allow="camera" src="${site.url}embed.html?${QUERY}&host=${hostOrigin}"></iframe>`,
    );
    await page.frameLocator('iframe').getByRole('button', { name: 'Agree and start' }).waitFor();
    await page.evaluate((origin) => {
      const { contentWindow } = document.querySelector('iframe');
      const nonsense = [null, 'stop', 7, {}, { emotionCam: 2, type: 'stop' }, { emotionCam: 1 }];
      for (const message of nonsense) contentWindow.postMessage(message, origin);
      contentWindow.postMessage({ emotionCam: 1, type: 'explode' }, origin);
    }, siteOrigin);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect((await stateIn(page)).state).toBe('consent');
    await askToStop(page);
    await expect.poll(async () => (await stateIn(page)).state).toBe('idle');
    await page.close();
  });

  it('refuses an address that names no origin', async () => {
    const page = await site.browser.newPage();
    await page.goto(`${site.url}embed.html?host=*`);
    await page.getByText('which is no origin').waitFor();
    expect(await page.evaluate(() => document.getElementById('cam').state)).toBe('idle');
    await page.close();
  });

  it('the page that shows it off hears its messages', async () => {
    const page = await site.browser.newPage();
    await page.goto(`${site.url}host.html`);
    await page.getByRole('button', { name: 'Facial expression' }).click();
    await expect.poll(() => page.locator('#heard').textContent()).toContain('"consent"');
    await page.close();
  });
});
