import { transform } from 'esbuild';

/** @typedef {import('../../scripts/lib/samples/samples.mjs').Sample} Sample */

/**
 * Puts a sample's HTML into the page, in place of the one before, and follows what its elements do: one
 * that starts by itself is to run, after the person has agreed where it asks.
 *
 * @param {import('playwright').Page} page
 * @param {Sample} sample
 */
export async function runHtml(page, { code }) {
  await page.evaluate((html) => {
    const fragment = document.createRange().createContextualFragment(html); // its scripts run
    document.querySelector('main').replaceChildren(fragment);
  }, code);
  await page.waitForFunction(() => customElements.get('emotion-cam'));
  const unknown = await page.evaluate(() => {
    const attributes = [...globalThis.known.attributes, 'class', 'id', 'style'];
    return [...document.querySelectorAll('emotion-cam')].flatMap((cam) => [
      ...cam.getAttributeNames().filter((name) => !attributes.includes(name)),
      ...[...cam.children]
        .map(({ slot }) => slot)
        .filter((name) => !globalThis.known.slots.includes(name)),
    ]);
  });
  if (unknown.length > 0) throw new Error(`The element has no ${unknown.join(', ')}.`);
  for (const cam of await page.locator('main emotion-cam').all()) await untilItRuns(page, cam);
}

/** @param {import('playwright').Page} page @param {import('playwright').Locator} cam */
async function untilItRuns(page, cam) {
  if (!(await cam.evaluate(({ autostart }) => autostart))) return;
  if ((await cam.getAttribute('consent')) !== null) {
    await cam.locator('[part="agree-button"]').click();
  }
  await page.waitForFunction(
    ({ state, faces }) => state === 'error' || (state === 'running' && faces.length > 0),
    await cam.elementHandle(),
  );
  if ((await cam.getAttribute('state')) === 'error') {
    throw new Error(await cam.locator('[part="error"]').innerText());
  }
}

/**
 * Puts an element and a video that run into the page, as `cam` and `video`, for the samples in code.
 *
 * @param {import('playwright').Page} page
 */
export async function provideCam(page) {
  await page.evaluate(async () => {
    const main = document.querySelector('main');
    main.innerHTML = `<emotion-cam src="/clip.webm"></emotion-cam>
      <video src="/clip.webm" muted loop autoplay></video>`;
    const [cam, video] = main.children;
    Object.assign(globalThis, { cam, video });
    const add = cam.addEventListener;
    cam.addEventListener = function (type, ...rest) {
      if (!globalThis.known.events.includes(type) && !(`on${type}` in cam)) {
        throw new Error(`The element has no event "${type}".`);
      }
      return add.call(this, type, ...rest);
    };
    await cam.start();
  });
  await page.waitForFunction(() => globalThis.cam.faces.length > 0);
}

/**
 * Runs a module to its end.
 *
 * @param {import('playwright').Page} page with `cam` and `video`
 * @param {Sample} sample in JavaScript or TypeScript
 */
export async function runModule(page, { code, language }) {
  const { code: javaScript } = await transform(code, { loader: language, target: 'es2022' });
  const url = await page.evaluate(
    (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' })),
    javaScript,
  );
  await page.evaluate(`import('${url}').then(() => undefined)`); // vitest would change an import
}

/**
 * Reads a style sheet as the browser does.
 *
 * @param {import('playwright').Page} page
 * @param {Sample} sample in CSS
 */
export async function readStyles(page, { code }) {
  const rules = await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return [...sheet.cssRules].filter(({ style }) => style?.length > 0).length;
  }, code);
  const expected = code.split('{').length - 1;
  if (rules !== expected) throw new Error(`Of ${expected} rules the browser takes ${rules}.`);
}
