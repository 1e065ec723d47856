/**
 * Accuracy of the shipped weights through the whole SDK in Chromium (detector, crop, network) against
 * the trainer's own, on RAF-DB's validation tenth. Each tight crop is put on a canvas twice its size,
 * filled with its mean colour; a face that is not found counts as wrong. Needs the data:
 * `RAF_DB_ROOT=<folder that holds basic/> npm run bench -- browser-accuracy`.
 */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { openDataset } from '../packages/trainer/dist/datasets/load-dataset.js';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/lib/chromium.mjs';
import { ROOT, runTool } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';
import { rounded, writeResult } from './lib/report.mjs';

const BATCH = 40;

const root = process.env['RAF_DB_ROOT'];
if (!root) {
  console.log('RAF_DB_ROOT is not set: left out.');
  process.exit(0);
}
const { code } = await runTool('rollup/dist/bin/rollup', ['-c', '--silent']);
if (code !== 0) process.exit(code);
const { samples } = await openDataset('raf-db', root, 'val');
const manifest = JSON.parse(readFileSync(`${ROOT}models/fdrl-ecanet/manifest.json`, 'utf8'));
const server = await serve(`${ROOT}packages/sdk`, 5300);
const browser = await chromium.launch({
  executablePath: await ensureChromium(),
  args: CHROMIUM_ARGS,
});

/** Runs in the page: the likeliest expression of each picture, null without a face. */
async function recognizeAll(pictures) {
  const { EmotionRecognizer } = await import('/dist/emotion-cam.bundle.js');
  globalThis.recognizer ??= await EmotionRecognizer.create({ backend: 'wasm', mode: 'image' });
  const answers = [];
  for (const picture of pictures) {
    const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
    const image = await globalThis.createImageBitmap(new Blob([bytes]));
    const { width, height } = image;
    const mean = new globalThis.OffscreenCanvas(1, 1).getContext('2d');
    mean.imageSmoothingQuality = 'high';
    mean.drawImage(image, 0, 0, 1, 1);
    const [red, green, blue] = mean.getImageData(0, 0, 1, 1).data;
    const canvas = new globalThis.OffscreenCanvas(width * 2, height * 2);
    const context = canvas.getContext('2d');
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    context.fillRect(0, 0, width * 2, height * 2);
    context.drawImage(image, width / 2, height / 2);
    const { faces } = await globalThis.recognizer.recognize(canvas);
    answers.push(faces[0]?.emotion ?? null);
  }
  return answers;
}

const answers = [];
try {
  const page = await browser.newPage();
  await page.goto(`${server.url}package.json`);
  for (let from = 0; from < samples.length; from += BATCH) {
    const pictures = samples
      .slice(from, from + BATCH)
      .map(({ path }) => readFileSync(path).toString('base64'));
    answers.push(...(await page.evaluate(recognizeAll, pictures)));
    console.log(`${answers.length} of ${samples.length}`);
  }
} finally {
  await browser.close();
  await server.close();
}

const truth = samples.map(({ label }) => manifest.labels[label]);
const hits = answers.filter((answer, index) => answer === truth[index]).length;
const found = answers.filter((answer) => answer !== null).length;
const { accuracy: trainer } = manifest.metrics[manifest.defaultVariant];
const browserAccuracy = hits / samples.length;
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const summary = [
  `Through the whole SDK in Chromium (detector, crop, network): ${percent(browserAccuracy)} on the same ` +
    `${samples.length} images, ${percent(trainer)} in the trainer; a face was found in ${percent(found / samples.length)}.`,
];
console.log(summary.join('\n'));
writeResult('browser-accuracy', {
  images: samples.length,
  facesFound: found,
  browserAccuracy: rounded(browserAccuracy),
  trainerAccuracy: rounded(trainer),
  variant: manifest.defaultVariant,
  summary,
});
