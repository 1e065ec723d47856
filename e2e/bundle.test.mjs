import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FIRST_PORT } from '../scripts/lib/build.mjs';
import { SWIFTSHADER_ARGS } from '../scripts/lib/chromium.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { listenForComplaints, probe, waitForSightings } from '../scripts/lib/probe.mjs';
import { ROOT } from '../scripts/lib/run.mjs';

const PAGE = `<!doctype html>
<script type="module" src="/dist/emotion-cam.bundle.js"></script>
<emotion-cam id="cam" src="/clip.webm" autostart></emotion-cam>`;

it('the bundle and one tag make a page, with the assets from the package’s own folder', async () => {
  const { url, browser, close } = await openSite(`${ROOT}packages/sdk`, FIRST_PORT + 200);
  try {
    const page = await browser.newPage();
    const complaints = listenForComplaints(page);
    await probe(page);
    await page.route('**/page.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: PAGE }),
    );
    await page.route('**/clip.webm', (route) =>
      route.fulfill({ path: fileURLToPath(new URL('fixtures/clip.webm', import.meta.url)) }),
    );
    await page.route('**/favicon.ico', (route) => route.fulfill({ body: '' }));
    await page.goto(`${url}page.html`);
    const seen = await waitForSightings(page, { emotions: 1 }, 120_000);
    expect(seen.slice(0, 2).map(({ type }) => type)).toEqual(['ready', 'emotion']);
    expect(complaints).toEqual([]);
  } finally {
    await close();
  }
});

it('has the kernels that reading and explaining a face take, on every back end', async () => {
  const { url, browser, close } = await openSite(
    `${ROOT}packages/sdk`,
    FIRST_PORT + 200,
    SWIFTSHADER_ARGS,
  );
  try {
    const page = await browser.newPage();
    await page.route('**/page.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><img src="/face.png">' }),
    );
    await page.route('**/face.png', (route) =>
      route.fulfill({ path: fileURLToPath(new URL('fixtures/astronaut.png', import.meta.url)) }),
    );
    await page.goto(`${url}page.html`);
    const maps = [];
    for (const backend of ['cpu', 'wasm', 'webgpu']) {
      // As text: vitest rewrites the imports of functions.
      const { name, emotion, values } = await page.evaluate(`(async () => {
        const { EmotionRecognizer } = await import('/dist/emotion-cam.bundle.js');
        const recognizer = await EmotionRecognizer.create({ backend: '${backend}', model: 'lite' });
        const { faces: [face] } = await recognizer.recognize(document.querySelector('img'));
        const { values } = await recognizer.explain(face.id);
        recognizer.dispose();
        return { name: recognizer.backend.name, emotion: face.emotion, values: [...values] };
      })()`);
      expect([name, emotion]).toEqual([backend, 'happiness']);
      maps.push(values);
    }
    const [onCpu, ...others] = maps;
    for (const map of others) {
      const worst = Math.max(...map.map((value, place) => Math.abs(value - onCpu[place])));
      expect(worst).toBeLessThan(0.05); // float16 on WebGPU; 0.01 was seen
    }
  } finally {
    await close();
  }
}, 240_000);
