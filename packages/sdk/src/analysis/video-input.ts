import { checkOption } from '../check-option.js';
import { EmotionCamError } from '../errors.js';

/** A recorded video: a file, its address, or an element that shows it, which is left as it is. */
export type RecordedVideo = Blob | string | URL | HTMLVideoElement;

/**
 * What the bytes of a recorded video are read from.
 *
 * @throws {EmotionCamError} `option-invalid`, `video-empty`, `video-unreachable`
 * @throws the signal's reason, if it is aborted
 */
export async function videoInput(
  video: RecordedVideo,
  signal: AbortSignal | undefined,
): Promise<Blob | URL> {
  const file = video instanceof Blob ? video : await reachable(addressOf(video), signal);
  if (file instanceof Blob && file.size === 0) throw empty('0 bytes long');
  return file;
}

/** @param what - is wrong with it, in the words of `The video is …` */
export function empty(what: string): EmotionCamError {
  return new EmotionCamError(
    'video-empty',
    `The video is ${what}, expected a recording with at least one frame. Check that it was copied or uploaded whole.`,
  );
}

function addressOf(video: Exclude<RecordedVideo, Blob>): URL {
  const isElement = video instanceof HTMLVideoElement;
  const address = isElement ? video.currentSrc || video.src : video;
  const isAddress = typeof address === 'string' || address instanceof URL;
  checkOption(
    { video },
    isAddress && address !== '' && URL.canParse(address, document.baseURI),
    'a File or Blob, an address, or a <video> whose src is one',
  );
  return new URL(address, document.baseURI);
}

/** The address, once it is known that a file is there; the file itself where it is in memory. */
async function reachable(url: URL, signal: AbortSignal | undefined): Promise<Blob | URL> {
  const isInMemory = ['blob:', 'data:'].includes(url.protocol);
  // One byte tells: a <video> does not say why it could not load something.
  const headers = isInMemory ? {} : { Range: 'bytes=0-0' };
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: signal ?? null });
    if (isInMemory) return await response.blob();
  } catch (cause) {
    signal?.throwIfAborted();
    const why = `${String(cause)}; it is not there, of another site that does not allow it (CORS), or a MediaSource`;
    throw unreachable(url, why, cause);
  }
  void response.body?.cancel();
  const isEmpty = response.status === 416 || response.headers.get('Content-Length') === '0';
  if (isEmpty) throw empty('0 bytes long'); // 416: not even one byte
  if (!response.ok) throw unreachable(url, `the server answered ${response.status}`);
  return url;
}

function unreachable({ href }: URL, why: string, cause?: unknown): EmotionCamError {
  return new EmotionCamError(
    'video-unreachable',
    `The video ${href.slice(0, 200)} could not be loaded: ${why}. Check its address.`,
    { cause },
  );
}
