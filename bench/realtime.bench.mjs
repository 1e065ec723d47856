/* global document, requestAnimationFrame */
/**
 * The recorded clip through the built SDK in headless Chromium as it plays, one frame in flight: medians
 * and 95th percentiles of every stage for both models, in the worker and in the page's own thread, and the
 * longest task of the page's thread meanwhile. The cases take turns, so that other work on the machine
 * slows all of them.
 */
import { openClipPage } from '../scripts/lib/clip-page.mjs';
import { runTool } from '../scripts/lib/run.mjs';
import { median, percentile95, rounded, writeResult } from './lib/report.mjs';

const ROUNDS = 3;
const SECONDS = 10; // the clip once

/** @type {Record<string, { model: string, thread: string }>} */
const CASES = {
  'full, worker': { model: 'full', thread: 'worker' },
  'full, main': { model: 'full', thread: 'main' },
  'lite, worker': { model: 'lite', thread: 'worker' },
  'lite, main': { model: 'lite', thread: 'main' },
};

/** Runs in the page. Tasks below 50 ms are not told of by browsers; 0 says that there was no longer one. */
async function measure({ model, thread, seconds }) {
  const { EmotionRecognizer } = await import('/dist/emotion-cam.bundle.js');
  const options = { model, thread, backend: 'wasm' };
  const recognizer = await EmotionRecognizer.create(options);
  const video = document.createElement('video');
  Object.assign(video, { src: '/clip.webm', muted: true, loop: true });
  document.body.append(video);
  await video.play();
  const nextFrame = () =>
    new Promise((resolve) => {
      video.requestVideoFrameCallback((timestampMs) => resolve(timestampMs));
    });
  let longestTaskMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
  });
  for (let i = 0; i < 5; i++) await recognizer.recognize(video, await nextFrame()); // warms up
  observer.observe({ type: 'longtask' });
  let repaints = 0;
  let isOver = false;
  requestAnimationFrame(function count() {
    repaints += 1;
    if (!isOver) requestAnimationFrame(count);
  });
  const startMs = performance.now();
  const timings = [];
  while (performance.now() - startMs < seconds * 1000) {
    const timestampMs = await nextFrame();
    if (video.readyState < 2) continue; // the clip starts over: no picture for a moment
    const callMs = performance.now();
    const recognised = recognizer.recognize(video, timestampMs);
    const callTookMs = performance.now() - callMs; // what the page's thread does before the answer
    const { faces, timings: stages } = await recognised;
    if (faces.length > 0) timings.push({ ...stages, callMs: callTookMs });
  }
  isOver = true;
  const elapsedMs = performance.now() - startMs;
  observer.disconnect();
  const { threads } = recognizer.backend;
  recognizer.dispose();
  return { timings, longestTaskMs, threads, repaintsPerSecond: (repaints / elapsedMs) * 1000 };
}

/** @param {readonly number[]} values */
const spread = (values) => ({
  median: rounded(median(values)),
  percentile95: rounded(percentile95(values)),
});

/** One row of several pages' runs. @param {any[]} all */
function merged(all) {
  const timings = all.flatMap((run) => run.timings);
  const stage = (name) => spread(timings.map((one) => one[name]));
  return {
    framesWithFace: timings.length,
    threads: all[0].threads,
    detectMs: stage('detectMs'),
    cropMs: stage('cropMs'),
    networkMs: stage('networkMs'),
    readbackMs: stage('readbackMs'),
    totalMs: stage('totalMs'),
    callMs: stage('callMs'),
    longestTaskMs: rounded(Math.max(...all.map((run) => run.longestTaskMs))),
    repaintsPerSecond: rounded(median(all.map((run) => run.repaintsPerSecond))),
  };
}

const { code } = await runTool('rollup/dist/bin/rollup', ['-c', '--silent']);
if (code !== 0) process.exit(code);
/** @type {Record<string, object[]>} */
const runs = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, one] of Object.entries(CASES)) {
    console.log(`${name}: ${SECONDS} s …`);
    const { page, close } = await openClipPage(5340);
    try {
      runs[name].push(await page.evaluate(measure, { ...one, seconds: SECONDS }));
    } finally {
      await close();
    }
  }
}

const cases = Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, merged(all)]));
const text = ({ median, percentile95 }) => `${median} / ${percentile95}`;
console.table(
  Object.fromEntries(
    Object.entries(cases).map(
      ([name, { detectMs, cropMs, networkMs, readbackMs, totalMs, callMs, ...rest }]) => [
        name,
        {
          'detect ms': text(detectMs),
          'crop ms': text(cropMs),
          'network ms': text(networkMs),
          'readback ms': text(readbackMs),
          'total ms': text(totalMs),
          'call ms': text(callMs),
          ...rest,
        },
      ],
    ),
  ),
);
const summary = Object.entries(cases).map(
  ([name, { totalMs, longestTaskMs }]) =>
    `${name}: a frame takes ${totalMs.median} ms (median; 95th percentile ${totalMs.percentile95}); the ` +
    `page's longest task: ${longestTaskMs === 0 ? 'below 50' : longestTaskMs} ms.`,
);
console.log(summary.join('\n'));
writeResult('realtime', { secondsPerCase: ROUNDS * SECONDS, cases, summary });
