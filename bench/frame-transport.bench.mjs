/* global document, createImageBitmap, MediaStreamTrackProcessor, VideoFrame, Worker */
/**
 * Three ways from a camera to a worker, in headless Chromium with the clip as the camera: what each takes
 * of the page's thread for a frame, and how much later than by the shortest way the frame is there. All
 * run at the same time on the same track, so that they see the same frames and the same load.
 *
 * - `processor`: MediaStreamTrackProcessor, whose frames flow into the worker without the page;
 * - `video frame`: `new VideoFrame(video)` in requestVideoFrameCallback, handed over;
 * - `bitmap`: `createImageBitmap(video)` there, handed over.
 */
import { CLIP_AS_CAMERA } from '../e2e/support/clip.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { spread, writeResult } from './lib/report.mjs';

const SECONDS = 20;

/** Runs in the page. */
async function measure(seconds) {
  const script = `
    const take = (way, frame) => {
      postMessage({ way, atMs: performance.timeOrigin + performance.now(), format: frame.format });
      frame.close();
    };
    onmessage = async ({ data: { way, frame, readable } }) => {
      if (!readable) return take(way, frame);
      const reader = readable.getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        take('processor', value);
      }
    };`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const arrivals = [];
  worker.onmessage = ({ data }) => arrivals.push(data);

  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const [track] = stream.getVideoTracks();
  const { readable } = new MediaStreamTrackProcessor({ track: track.clone() });
  worker.postMessage({ readable }, [readable]);
  const video = document.createElement('video');
  Object.assign(video, { srcObject: stream, muted: true });
  document.body.append(video);
  await video.play();

  const pageMs = { 'video frame': [], bitmap: [] };
  const handOver = {
    'video frame': () => new VideoFrame(video),
    bitmap: () => createImageBitmap(video),
  };
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    for (const [way, take] of Object.entries(handOver)) {
      await new Promise((resolve) => {
        video.requestVideoFrameCallback(resolve);
      });
      const startMs = performance.now();
      const taking = take();
      const tookMs = performance.now() - startMs;
      const frame = await taking;
      const takenMs = performance.now();
      worker.postMessage({ way, frame }, [frame]);
      pageMs[way].push(tookMs + performance.now() - takenMs);
    }
  }
  const { width, height } = track.getSettings();
  worker.terminate();
  for (const one of stream.getTracks()) one.stop();
  return { arrivals, pageMs, size: `${width}x${height}` };
}

const { url, browser, close } = await openSite(`${ROOT}packages/sdk`, 5360, CLIP_AS_CAMERA);
let seen;
try {
  const page = await browser.newPage();
  await page.goto(`${url}package.json`);
  seen = await page.evaluate(measure, SECONDS);
} finally {
  await close();
}

const { arrivals, pageMs, size } = seen;
const byProcessor = arrivals.filter(({ way }) => way === 'processor').map(({ atMs }) => atMs);
const ways = Object.fromEntries(
  ['processor', 'video frame', 'bitmap'].map((way) => {
    const own = arrivals.filter((one) => one.way === way);
    // The newest one that came by the shortest way is the same frame, where that is no interval old.
    const later = own.flatMap(({ atMs }) => {
      const before = byProcessor.filter((one) => one <= atMs).at(-1);
      return before === undefined ? [] : [atMs - before];
    });
    return [
      way,
      {
        frames: own.length,
        format: own[0]?.format ?? 'bitmap',
        pageMs: way === 'processor' ? null : spread(pageMs[way]),
        laterMs: spread(later),
      },
    ];
  }),
);
console.log(JSON.stringify(ways, null, 2));
const { 'video frame': videoFrame, bitmap } = ways;
const summary = [
  `From a camera (${size}) to a worker a VideoFrame of the video takes ${videoFrame.pageMs.median} ms of the page's thread, a bitmap ` +
    `${bitmap.pageMs.median} ms; they are there ${videoFrame.laterMs.median} and ${bitmap.laterMs.median} ms later than by MediaStreamTrackProcessor.`,
];
console.log(summary.join('\n'));
writeResult('frame-transport', { seconds: SECONDS, size, ways, summary });
