/* global document, requestAnimationFrame */
/**
 * The recorded clip through the built SDK in headless Chromium as it plays, one frame in flight: medians
 * and 95th percentiles of every stage for both models, in the worker and in the page's own thread, and what
 * the page's thread does meanwhile: its longest task, its scripts, its repaints. The cases take turns, so that
 * other work on the machine slows all of them. `npm run bench -- realtime --seconds 60` takes another time.
 */
import { parseArgs } from 'node:util';
import { openClipPage } from '../scripts/lib/clip-page.mjs';
import { runTool } from '../scripts/lib/run.mjs';
import { barPlot } from './lib/bar-plot.mjs';
import { median, rounded, spread, writePlot, writeResult } from './lib/report.mjs';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' } }, // of a case in the worker
});
const SECONDS = Number(options.seconds);
if (!(SECONDS > 0)) {
  console.error(`--seconds is "${options.seconds}", expected a number above 0.`);
  process.exit(1);
}
const ROUNDS = 3;

/** Whether the page stays responsive is a matter of the worker: its cases take the longer. */
const CASES = {
  'full, worker': { model: 'full', thread: 'worker', seconds: SECONDS / ROUNDS },
  'full, main': { model: 'full', thread: 'main', seconds: SECONDS / ROUNDS / 2 },
  'lite, worker': { model: 'lite', thread: 'worker', seconds: SECONDS / ROUNDS },
  'lite, main': { model: 'lite', thread: 'main', seconds: SECONDS / ROUNDS / 2 },
};
const STAGES = ['detectMs', 'cropMs', 'networkMs', 'readbackMs', 'totalMs'];

/** Runs in the page: makes a recognizer, lets it warm up and leaves it to `measure`. */
async function start({ model, thread }) {
  const { EmotionRecognizer } = globalThis.emotionCam;
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
  for (let i = 0; i < 5; i++) await recognizer.recognize(video, await nextFrame());
  Object.assign(globalThis, { recognizer, video, nextFrame });
}

/** Runs in the page. Tasks below 50 ms are not told of by browsers; 0 says that there was no longer one. */
async function measure(seconds) {
  const { recognizer, video, nextFrame } = globalThis;
  let longestTaskMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
  });
  observer.observe({ type: 'longtask' });
  let repaints = 0;
  let isOver = false;
  requestAnimationFrame(function count() {
    repaints += 1;
    if (!isOver) requestAnimationFrame(count);
  });
  const startMs = performance.now();
  const timings = [];
  let frames = 0;
  while (performance.now() - startMs < seconds * 1000) {
    const timestampMs = await nextFrame();
    if (video.readyState < 2) continue; // the clip starts over: no picture for a moment
    const callMs = performance.now();
    const recognised = recognizer.recognize(video, timestampMs);
    const callTookMs = performance.now() - callMs; // what the page's thread does before the answer
    const { faces, timings: stages } = await recognised;
    frames += 1;
    if (faces.length > 0) timings.push({ ...stages, callMs: callTookMs });
  }
  isOver = true;
  const elapsedMs = performance.now() - startMs;
  observer.disconnect();
  const { threads } = recognizer.backend;
  recognizer.dispose();
  return {
    ...{ frames, timings, longestTaskMs, threads },
    repaintsPerSecond: (repaints / elapsedMs) * 1000,
  };
}

/** Milliseconds that the page's thread was busy, with whatever. @param {import('playwright').CDPSession} devTools */
async function pageMs(devTools) {
  const { metrics } = await devTools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}

/** One case in a page of its own. */
async function run({ model, thread, seconds }) {
  const { page, close } = await openClipPage(5340);
  try {
    await page.evaluate(start, { model, thread });
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('Performance.enable');
    const before = await pageMs(devTools);
    const measured = await page.evaluate(measure, seconds);
    const tookMs = (await pageMs(devTools)) - before;
    return { ...measured, pageMs: tookMs / measured.frames };
  } finally {
    await close();
  }
}

/** One row of several pages' runs. @param {any[]} all */
function merged(all) {
  const timings = all.flatMap((run) => run.timings);
  const stages = [...STAGES, 'callMs'].map((name) => [
    name,
    spread(timings.map((one) => one[name])),
  ]);
  return {
    framesWithFace: timings.length,
    threads: all[0].threads,
    ...Object.fromEntries(stages),
    /** What the page's thread did by frame: recognizer, repaints, this benchmark. */
    pageMs: rounded(median(all.map((run) => run.pageMs))),
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
    console.log(`${name}: ${one.seconds} s …`);
    runs[name].push(await run(one));
  }
}

const cases = Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, merged(all)]));
const cell = (value) =>
  typeof value === 'object' ? `${value.median} / ${value.percentile95}` : value;
console.table(
  Object.fromEntries(
    Object.entries(cases).map(([name, row]) => [
      name,
      Object.fromEntries(Object.entries(row).map(([column, value]) => [column, cell(value)])),
    ]),
  ),
);
const summary = Object.entries(cases).map(
  ([name, { totalMs, threads, longestTaskMs, callMs, repaintsPerSecond }]) =>
    `${name}, ${threads} thread(s): a frame takes ${totalMs.median} ms (median; 95th percentile ` +
    `${totalMs.percentile95}), of which the page's thread waits for ${callMs.median} ms; its longest task: ` +
    `${longestTaskMs === 0 ? 'below 50' : longestTaskMs} ms; ${repaintsPerSecond} repaints a second.`,
);
console.log(summary.join('\n'));
const secondsPerCase = Object.fromEntries(
  Object.entries(CASES).map(([name, { seconds }]) => [name, ROUNDS * seconds]),
);
writeResult('realtime', { secondsPerCase, cases, summary });
writePlot(
  'realtime',
  barPlot({
    title: 'The clip as it plays, on WebAssembly: milliseconds of a frame by stage',
    subtitle: 'Bar: median; whisker and number in brackets: 95th percentile. Less is better.',
    unit: 'ms',
    groups: Object.entries(cases).map(([name, row]) => ({
      label: `${name}, ${row.threads} thread(s)`,
      bars: STAGES.map((stage) => ({
        label: stage.slice(0, -2),
        value: row[stage].median,
        upTo: row[stage].percentile95,
      })),
    })),
  }),
);
