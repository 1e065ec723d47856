/* global document */
/**
 * `npm run soak [-- minutes]`: loops the recorded clip through the recognizer in headless Chromium, ten
 * minutes by default, then shows it faces that come and go, makes and disposes of recognizers and starts and
 * stops an element. It prints one line: frames, drops, restarts, memory slope, what each of the others added. It
 * fails where a frame failed, the recognizer was set up again, tensors were kept or memory rose.
 */
import { openClipPage } from './lib/clip-page.mjs';
import { Explained, runMain, say, step } from './lib/log.mjs';
import {
  exposePageHeap,
  LARGEST_RISE_MB,
  LARGEST_RISE_OF_PAGE_KB,
  measureMemoryLevels,
} from './lib/memory-levels.mjs';
import { ROOT, run } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

const DEFAULT_MINUTES = 10;

/** Memory is looked at so many times, after a collection; the first quarter, which warms up, does not count. */
const SAMPLES = 40;

/** Frames in which a face comes and goes, and how often a recognizer is made and an element started. */
const AFTERWARDS = { frames: 2000, cycles: 20 };

await runMain(async () => {
  const minutes = toMinutes(process.argv.slice(2));
  await ensureInstalled();
  step('Building');
  const { code } = await run(process.execPath, [`${ROOT}scripts/build.mjs`], { quiet: true });
  if (code !== 0) throw new Explained('The build failed. Why: npm run build');
  step(`Recognising the clip for ${minutes} minute(s)`);
  const { page, close } = await openClipPage(5500, { measuresMemory: true });
  try {
    await exposePageHeap(page);
    const seen = await page.evaluate(soak, { minutes, samples: SAMPLES });
    step(
      `${AFTERWARDS.frames} frames, ${AFTERWARDS.cycles} recognizers, ${AFTERWARDS.cycles} starts`,
    );
    const { frames, recognizers, starts } = await measureMemoryLevels(page, AFTERWARDS);
    const settled = seen.memory.slice(SAMPLES / 4);
    const slope = slopePerHour(settled.map(({ timeMs, megabytes }) => [timeMs, megabytes]));
    const riseMb = (slope * (settled.at(-1).timeMs - settled[0].timeMs)) / 3_600_000;
    const added = [frames, recognizers, starts].map(
      ({ before, after }) => after.megabytes - before.megabytes,
    );
    const pageRises = [
      settled.at(-1).pageKilobytes - settled[0].pageKilobytes,
      frames.after.pageKilobytes - frames.before.pageKilobytes,
    ];
    const keptTensors =
      settled.at(-1).tensors - settled[0].tensors + frames.after.tensors - frames.before.tensors;
    say(
      `${minutes} min: ${seen.frames} frames (${seen.faces} with a face), ${seen.drops} drops, ` +
        `${seen.restarts} restarts, ${seen.errors.length} errors, ` +
        `memory ${settled.at(-1).megabytes.toFixed(1)} MB, slope ${slope.toFixed(2)} MB an hour, ` +
        `the page's own ${signed(pageRises[0] / 1000)} MB; ` +
        `${AFTERWARDS.frames} frames ${signed(added[0])} MB, ${AFTERWARDS.cycles} recognizers ` +
        `${signed(added[1])} MB, ${AFTERWARDS.cycles} starts ${signed(added[2])} MB, ` +
        `tensors ${keptTensors >= 0 ? '+' : ''}${keptTensors} (${seen.where})`,
    );
    for (const error of seen.errors) say(`  ${error}`);
    const isSound = seen.errors.length === 0 && seen.restarts === 0 && seen.faces > 0;
    const isFlat =
      keptTensors === 0 &&
      Math.max(riseMb, ...added) <= LARGEST_RISE_MB &&
      Math.max(...pageRises) <= LARGEST_RISE_OF_PAGE_KB;
    return isSound && isFlat ? 0 : 1;
  } finally {
    await close();
  }
});

/** @param {number} megabytes */
function signed(megabytes) {
  return `${megabytes < 0 ? '' : '+'}${megabytes.toFixed(1)}`;
}

/** @param {readonly string[]} args @returns {number} */
function toMinutes([given = String(DEFAULT_MINUTES), ...others]) {
  const minutes = Number(given);
  if (others.length === 0 && Number.isFinite(minutes) && minutes > 0) return minutes;
  throw new Explained(
    `The time is "${[given, ...others].join(' ')}", expected minutes above 0: npm run soak -- 60`,
  );
}

/**
 * The median of the slopes of all pairs of points (Theil and Sen): single looks at which the collector left more
 * do not move it.
 *
 * @param {readonly [timeMs: number, value: number][]} points
 */
function slopePerHour(points) {
  const slopes = points.flatMap(([x, y], i) =>
    points.slice(i + 1).map(([otherX, otherY]) => (otherY - y) / (otherX - x)),
  );
  return slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] * 3_600_000;
}

/** Runs in the page, as a product would: one frame in flight, those that come meanwhile are dropped. */
async function soak({ minutes, samples }) {
  const { EmotionRecognizer } = globalThis.emotionCam;
  const seen = { frames: 0, faces: 0, drops: 0, restarts: 0, errors: [], memory: [], where: '' };
  const recognizer = await EmotionRecognizer.create({ model: 'lite' });
  recognizer.addEventListener('setup-change', () => (seen.restarts += 1));
  recognizer.addEventListener('error', ({ error }) => seen.errors.push(error.message));
  seen.where = `${recognizer.model} model, ${recognizer.backend.name}, ${recognizer.thread.name}`;
  const video = document.createElement('video');
  Object.assign(video, { src: '/clip.webm', muted: true, loop: true });
  document.body.append(video);
  await video.play();
  const startMs = performance.now();
  const durationMs = minutes * 60_000;
  let presented;
  for (;;) {
    const [timestampMs, metadata] = await new Promise((resolve) => {
      video.requestVideoFrameCallback((...frame) => resolve(frame));
    });
    const elapsedMs = timestampMs - startMs;
    if (presented !== undefined) seen.drops += metadata.presentedFrames - presented - 1;
    presented = metadata.presentedFrames;
    if (elapsedMs >= (seen.memory.length * durationMs) / samples) {
      // Of the page and its worker, after a collection.
      const megabytes = (await performance.measureUserAgentSpecificMemory()).bytes / 1e6;
      const pageKilobytes = await globalThis.pageKilobytes();
      const { numTensors: tensors } = recognizer;
      seen.memory.push({ timeMs: elapsedMs, megabytes, pageKilobytes, tensors });
      presented = undefined; // frames that were shown meanwhile are no drops
      if (seen.memory.length > samples) break;
      continue;
    }
    try {
      const { faces } = await recognizer.recognize(video, timestampMs);
      seen.frames += 1;
      if (faces.length > 0) seen.faces += 1;
    } catch (error) {
      // At its end the clip has no picture for a moment; so says the element's loop, too.
      if (error.code !== 'frame-empty') seen.errors.push(`${error.code}: ${error.message}`);
    }
  }
  recognizer.dispose();
  return seen;
}
