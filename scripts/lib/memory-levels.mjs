/* global document */

/** What the collector leaves from one look to the next, of the page and its workers, however long it runs. */
export const LARGEST_RISE_MB = 5;

/** Of the page's own heap, which is looked at more closely: a result that is kept is more than 1 kB. */
export const LARGEST_RISE_OF_PAGE_KB = 100;

/**
 * Lets the page ask for `pageKilobytes()`, what its own heap holds after a collection.
 *
 * @param {import('playwright').Page} page
 */
export async function exposePageHeap(page) {
  const devTools = await page.context().newCDPSession(page);
  await page.exposeFunction('pageKilobytes', async () => {
    await devTools.send('HeapProfiler.collectGarbage');
    return (await devTools.send('Runtime.getHeapUsage')).usedSize / 1000;
  });
}

/**
 * What a page that uses the recognizer holds, before and after faces come and go, recognizers are made and
 * disposed of, and an element is started and stopped.
 *
 * @typedef {object} Level after a collection
 * @property {number} tensors of the recognizer that runs; 0 where none does
 * @property {number} megabytes of the page and its workers
 * @property {number} pageKilobytes of the page's own heap
 *
 * @typedef {{ before: Level, after: Level }} Levels
 *
 * @param {import('playwright').Page} page of `openClipPage`, after {@link exposePageHeap}
 * @param {{ frames: number, cycles: number }} amount
 * @returns {Promise<{ faces: number, frames: Levels, recognizers: Levels, starts: Levels }>} `faces`: frames with one
 */
export function measureMemoryLevels(page, amount) {
  return page.evaluate(live, amount);
}

/** Runs in the page. */
async function live({ frames, cycles }) {
  const { EmotionRecognizer } = globalThis.emotionCam;
  const once = (target, type) =>
    new Promise((resolve) => {
      target.addEventListener(type, resolve, { once: true });
    });
  const level = async (tensors = 0) => {
    const { bytes } = await performance.measureUserAgentSpecificMemory(); // collects before
    return { tensors, megabytes: bytes / 1e6, pageKilobytes: await globalThis.pageKilobytes() };
  };

  const video = Object.assign(document.createElement('video'), { src: '/clip.webm', muted: true });
  await once(video, 'loadeddata');
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  const context = canvas.getContext('2d');
  const show = (isFaceThere) => {
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (isFaceThere) context.drawImage(video, 0, 0);
  };
  const create = () => EmotionRecognizer.create({ backend: 'wasm', model: 'lite' });

  let faces = 0;
  const see = async (recognizer, count) => {
    for (let frame = 0; frame < count; frame++) {
      show(frame % 20 < 10); // comes and goes
      const result = await recognizer.recognize(canvas, performance.now());
      if (result.faces.length > 0) faces += 1;
    }
  };
  const recognizer = await create();
  await see(recognizer, 100); // warms up, compiles
  faces = 0;
  const first = await level(recognizer.numTensors);
  await see(recognizer, frames);
  const last = await level(recognizer.numTensors);
  recognizer.dispose();

  const makeOne = async () => {
    const made = await create();
    show(true);
    await made.recognize(canvas, performance.now());
    made.dispose();
  };
  /** A worker that is just ending never answers the measurement, which then takes a minute. */
  const workersEnded = () => new Promise((resolve) => setTimeout(resolve, 1500));
  await makeOne();
  await workersEnded();
  const noneMade = await level();
  for (let cycle = 0; cycle < cycles; cycle++) await makeOne();
  await workersEnded();
  const allMade = await level();

  const element = document.createElement('emotion-cam');
  Object.assign(element, { src: '/clip.webm', backend: 'wasm', model: 'lite' });
  document.body.append(element);
  const startOnce = async () => {
    const seen = once(element, 'emotion');
    await element.start();
    await seen;
    element.stop();
  };
  await startOnce();
  const notStarted = await level();
  for (let cycle = 0; cycle < cycles; cycle++) await startOnce();
  const allStarted = await level();
  element.remove();

  return {
    faces,
    frames: { before: first, after: last },
    recognizers: { before: noneMade, after: allMade },
    starts: { before: notStarted, after: allStarted },
  };
}
