/**
 * @typedef {object} Sighting one event of the page's <emotion-cam id="cam">, read as a user would
 * @property {'ready' | 'emotion' | 'face-lost' | 'error'} type
 * @property {number} [videoTime] seconds into the video, of the frame that an event is about
 * @property {string} [emotion]
 * @property {number} [score] of that emotion, 0 … 1
 * @property {{ x: number, y: number, width: number, height: number }} [box] pixels of the frame
 * @property {{ backend: string, frameMs: number, fps: number, numTensors: number }} [stats]
 * @property {string} [code] of an error
 * @property {string} [message] of an error
 */

/**
 * Makes a page write down every event of its <emotion-cam id="cam"> from the first on. Read them with
 * `sightings(page)`.
 *
 * @param {import('playwright').Page} page not yet navigated
 */
export async function probe(page) {
  await page.addInitScript(writeDownSightings);
}

/** Runs in the page, before its own scripts. */
export function writeDownSightings() {
  /** @type {Sighting[]} */
  const sightings = [];
  Object.assign(globalThis, { sightings });

  /** Of the frames, by the time at which they were shown: more are asked for than are taken. */
  const videoTimes = new Map();
  const { requestVideoFrameCallback } = HTMLVideoElement.prototype;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    return requestVideoFrameCallback.call(this, (now, frame) => {
      videoTimes.set(now, frame.mediaTime);
      callback(now, frame);
    });
  };

  for (const type of ['ready', 'emotion', 'face-lost', 'error']) {
    document.addEventListener(
      type,
      (event) => {
        const cam = event.target;
        if (cam?.id !== 'cam') return;
        sightings.push({
          type,
          videoTime: videoTimes.get((event.result ?? event).timestampMs),
          ...(type === 'emotion' && {
            emotion: event.emotion,
            score: event.scores[event.emotion],
            box: event.face.box,
            stats: { ...cam.stats },
          }),
          ...(type === 'error' && { code: event.error?.code, message: event.error?.message }),
        });
      },
      { capture: true },
    );
  }
}

/**
 * @param {import('playwright').Page} page
 * @returns {Promise<Sighting[]>} so far, oldest first
 */
export function sightings(page) {
  return page.evaluate(() => globalThis.sightings);
}

/**
 * Waits until the page has seen enough.
 *
 * @param {import('playwright').Page} page
 * @param {{ emotions?: number, lost?: number }} least how many of each event; an error ends the wait too
 * @param {number} timeoutMs
 * @returns {Promise<Sighting[]>}
 * @throws {Error} Playwright's, when the time is up
 */
export async function waitForSightings(page, { emotions = 0, lost = 0 }, timeoutMs) {
  await page.waitForFunction(
    ([emotions, lost]) => {
      /** @param {string} type */
      const count = (type) => globalThis.sightings.filter((one) => one.type === type).length;
      return count('error') > 0 || (count('emotion') >= emotions && count('face-lost') >= lost);
    },
    [emotions, lost],
    { timeout: timeoutMs, polling: 100 },
  );
  return sightings(page);
}

/**
 * Collects what goes wrong in a page: uncaught errors and error lines on its console, broken rules of
 * the Content-Security-Policy too.
 *
 * @param {import('playwright').Page} page not yet navigated
 * @returns {string[]} grows as the page runs
 */
export function listenForComplaints(page) {
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !MEDIAPIPE_LOG.test(text)) complaints.push(text);
  });
  return complaints;
}

/** MediaPipe writes its whole log, not only errors, to the console's error stream. */
const MEDIAPIPE_LOG = /^(INFO: |[IW]\d{4} )/;
