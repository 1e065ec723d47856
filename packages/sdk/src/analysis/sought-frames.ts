import { EmotionCamError } from '../errors.js';
import { toMs, type DecodedFrame, type FrameSource } from './decoded-frame.js';
import { sampleTimes } from './sample-times.js';
import { empty } from './video-input.js';

/** A page in the background is shown no frame, and need not wait longer for one. */
const LONGEST_PRESENTATION_MS = 250;

/** Nobody says how many frames a second there are: this is what most cameras record. */
const DEFAULT_FPS = 30;

/**
 * Shows a video in a `<video>` of its own, in no page, and sets it to one time after the other.
 *
 * @param fps - how many times a second are looked at; none: 30
 * @param why - WebCodecs is not used, in the words of `…, because …`
 * @throws {EmotionCamError} `video-unreadable`, `video-without-picture`, `video-empty`
 */
export async function openSought(
  file: Blob | URL,
  fps: number = DEFAULT_FPS,
  why: string,
): Promise<FrameSource> {
  const src = file instanceof Blob ? URL.createObjectURL(file) : file.href;
  const video = document.createElement('video');
  const closed = new AbortController();
  const close = (): void => {
    closed.abort(new Error('The video was closed.'));
    video.removeAttribute('src');
    video.load();
    if (file instanceof Blob) URL.revokeObjectURL(src);
  };
  try {
    Object.assign(video, { muted: true, preload: 'auto', crossOrigin: 'anonymous', src });
    const until = (type: string): Promise<void> => happened(video, type, why, closed.signal);
    await until('loadedmetadata');
    if (video.videoWidth === 0) {
      throw new EmotionCamError(
        'video-without-picture',
        'The file has sound but no picture. Give one with a video track.',
      );
    }
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await until('loadeddata');
    const end = await durationOf(video, until);
    if (!(end > 0)) throw empty(`${end} seconds long`);
    return {
      decoding: {
        name: 'seeking',
        reason: `A <video> is set to ${fps} times a second, because ${why}.`,
      },
      endMs: toMs(end),
      frames: framesOf(video, sampleTimes(fps, 0, end), until),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Files that a browser recorded do not say how long they are until their end was looked for. */
async function durationOf(
  video: HTMLVideoElement,
  until: (type: string) => Promise<void>,
): Promise<number> {
  if (Number.isFinite(video.duration)) return video.duration;
  const sought = until('seeked');
  video.currentTime = Number.MAX_SAFE_INTEGER;
  await sought;
  return Number.isFinite(video.duration) ? video.duration : video.currentTime;
}

async function* framesOf(
  video: HTMLVideoElement,
  times: Iterable<number>,
  until: (type: string) => Promise<void>,
): AsyncGenerator<DecodedFrame, undefined> {
  let lastMs = -Infinity;
  await nextPresented(video)(); // the first frame, which may be on its way still
  for (const time of times) {
    const presented = nextPresented(video);
    const sought = until('seeked');
    video.currentTime = time;
    await sought;
    const shown = shownFrame(video, (await presented()) ?? time);
    if (shown.timestampMs > lastMs) yield shown;
    else shown.close(); // it is shown for longer than a step
    lastMs = Math.max(lastMs, shown.timestampMs);
  }
  return undefined;
}

/**
 * Sought is not shown: for a moment after the event a busy browser still gives the picture before.
 *
 * @returns waits until a frame is presented that was not when this was called; gives its time
 */
function nextPresented(video: HTMLVideoElement): () => Promise<number | undefined> {
  if (!('requestVideoFrameCallback' in video)) return () => Promise.resolve(undefined);
  const presented = new Promise<number>((resolve) => {
    video.requestVideoFrameCallback((_now, { mediaTime }) => resolve(mediaTime));
  });
  return () => {
    const late = new Promise<undefined>((resolve) => {
      setTimeout(resolve, LONGEST_PRESENTATION_MS);
    });
    return Promise.race([presented, late]);
  };
}

/** @param time - of the frame, where the browser has no VideoFrame to tell it */
function shownFrame(video: HTMLVideoElement, time: number): DecodedFrame {
  if (typeof VideoFrame === 'undefined') {
    return { frame: video, timestampMs: toMs(time), close: () => undefined };
  }
  const frame = new VideoFrame(video);
  return { frame, timestampMs: frame.timestamp / 1000, close: () => frame.close() };
}

/** Waits for an event of the video; an error of it, and its end, end the wait. */
function happened(
  video: HTMLVideoElement,
  type: string,
  why: string,
  closed: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const { signal } = done;
  return new Promise<void>((resolve, reject) => {
    const handleClose = (): void => reject(closed.reason as Error);
    video.addEventListener(type, () => resolve(), { signal });
    video.addEventListener('error', () => reject(unreadable(video, why)), { signal });
    closed.addEventListener('abort', handleClose, { signal });
    if (closed.aborted) handleClose();
    else if (video.error) reject(unreadable(video, why));
  }).finally(() => done.abort());
}

function unreadable({ error }: HTMLVideoElement, why: string): EmotionCamError {
  const detail = error?.message ? ` (${error.message})` : '';
  return new EmotionCamError(
    'video-unreadable',
    `The video cannot be decoded: ${why}, and the browser does not play it either${detail}. It is ` +
      'damaged, no video, or in a format this browser does not know. Convert it to MP4 (H.264) or WebM (VP9).',
    { cause: error },
  );
}
