/**
 * How long the face detector takes to start in Chromium: as MediaPipe loads its files itself, and as the SDK does it,
 * which downloads them, checks their hashes and hands them over. Each start is in a new page, in turn; the
 * browser has the files in its cache from the second on and asks the server whether they have changed.
 */
import { openSite } from '../scripts/lib/open-site.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { spread, writeResult } from './lib/report.mjs';

const STARTS = 15;

const PAGE = `<!doctype html><title>start</title>
<script type="importmap">
  { "imports": { "@mediapipe/tasks-vision": "/node_modules/@mediapipe/tasks-vision/vision_bundle.mjs" } }
</script>`;

/** In the page; as text, because they import by the page's map. Milliseconds from nothing to a detector. */
const WAYS = {
  'emotion-cam': `(async () => {
    const start = performance.now();
    const { FaceDetector } = await import('/packages/sdk/dist/face-detector.js');
    const { assetUrls } = await import('/packages/sdk/dist/assets.js');
    await FaceDetector.create({ urls: assetUrls('/packages/sdk/assets/') });
    return performance.now() - start;
  })()`,
  MediaPipe: `(async () => {
    const start = performance.now();
    const { FaceDetector, FilesetResolver } = await import('@mediapipe/tasks-vision');
    const files = await FilesetResolver.forVisionTasks('/node_modules/@mediapipe/tasks-vision/wasm');
    const modelAssetPath = '/packages/sdk/assets/face-detector/blaze_face_short_range.tflite';
    await FaceDetector.createFromOptions(files, {
      baseOptions: { modelAssetPath, delegate: 'CPU' },
      runningMode: 'IMAGE',
    });
    return performance.now() - start;
  })()`,
};

const { url, browser, close } = await openSite(ROOT, 5330);
const times = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
try {
  const context = await browser.newContext(); // one cache for all pages
  for (let start = 0; start <= STARTS; start += 1) {
    for (const [name, way] of Object.entries(WAYS)) {
      const page = await context.newPage();
      await page.route('**/page.html', (route) => {
        return route.fulfill({ contentType: 'text/html', body: PAGE });
      });
      await page.goto(`${url}page.html`);
      const ms = await page.evaluate(way);
      if (start > 0) times[name].push(ms); // the first has an empty cache
      await page.close();
    }
  }
} finally {
  await close();
}

const ways = Object.fromEntries(
  Object.entries(times).map(([name, values]) => [name, spread(values)]),
);
console.table(ways);
const [ours, stock] = [ways['emotion-cam'], ways.MediaPipe];
const summary = [
  `The face detector starts in ${ours.median} ms with its files checked (median of ${STARTS}), ` +
    `in ${stock.median} ms as MediaPipe loads them, unchecked.`,
];
console.log(summary.join('\n'));
writeResult('detector-start', { starts: STARTS, ways, summary });
