import { EmotionCamError } from '../errors.js';
import type { DecodedFrame, FrameSource } from './decoded-frame.js';
import { openSought } from './sought-frames.js';
import { empty } from './video-input.js';

/**
 * As {@link open}, and gives up when the signal is aborted: a server may never answer.
 *
 * @throws the signal's reason
 */
export async function openFrames(
  file: Blob | URL,
  fps: number | undefined,
  signal: AbortSignal | undefined,
): Promise<FrameSource> {
  signal?.throwIfAborted();
  const opening = open(file, fps);
  const done = new AbortController();
  return new Promise<FrameSource>((resolve, reject) => {
    const handleAbort = (): void => {
      reject(signal?.reason as Error);
      void opening.then(({ close }) => close()).catch(() => undefined);
    };
    signal?.addEventListener('abort', handleAbort, { signal: done.signal });
    opening.then(resolve, reject);
  }).finally(() => done.abort());
}

/**
 * Opens a video and decodes its first frame, with WebCodecs, or by seeking where that cannot be done.
 *
 * @param fps - how many frames a second are taken; none: all, or 30 where the video is sought through
 * @throws {EmotionCamError} `video-unreadable`, `video-without-picture`, `video-empty`
 */
async function open(file: Blob | URL, fps: number | undefined): Promise<FrameSource> {
  let why = 'this browser or page has no WebCodecs (they need HTTPS)';
  if (typeof VideoDecoder !== 'undefined') {
    try {
      // The only import of the demultiplexers: nobody else loads them.
      const { openDemuxed } = await import('./demuxed-frames.js');
      return await started(await openDemuxed(file, fps));
    } catch (error) {
      if (error instanceof EmotionCamError) throw error;
      why = error instanceof Error ? error.message : String(error);
    }
  }
  return started(await openSought(file, fps, why));
}

/** The same video with its first frame decoded: what a decoder cannot do turns out there. */
async function started(source: FrameSource): Promise<FrameSource> {
  try {
    const first = await source.frames.next();
    if (first.done) throw empty('without a frame');
    const close = (): void => {
      first.value.close(); // nobody may have taken it
      source.close();
    };
    return { ...source, frames: withFirst(first.value, source.frames), close };
  } catch (error) {
    source.close();
    throw error;
  }
}

async function* withFirst(
  first: DecodedFrame,
  rest: AsyncIterator<DecodedFrame, undefined>,
): AsyncGenerator<DecodedFrame, undefined> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  return undefined;
}
