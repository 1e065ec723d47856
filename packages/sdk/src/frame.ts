import { EmotionCamError } from './errors.js';

/** A picture that faces are looked for in. */
export type Frame =
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | HTMLImageElement
  | ImageData
  | VideoFrame;

/** Width and height in pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** As `Object.prototype.toString` calls them, which knows those of another window too. */
const KINDS: readonly string[] = [
  ...['HTMLVideoElement', 'HTMLCanvasElement', 'OffscreenCanvas', 'ImageBitmap'],
  ...['HTMLImageElement', 'ImageData', 'VideoFrame'],
];

/** @throws {EmotionCamError} `frame-unreadable`: it is nothing that a picture can be read from */
function checkKind(frame: unknown): void {
  const kind = Object.prototype.toString.call(frame).slice('[object '.length, -1);
  if (KINDS.includes(kind)) return;
  throw new EmotionCamError(
    'frame-unreadable',
    `The frame is of the type ${kind}, expected ${KINDS.join(', ')}.`,
  );
}

function sizeOf(frame: Frame): FrameSize {
  if ('videoWidth' in frame) {
    // A video that knows its size but has no picture yet draws nothing.
    const hasPicture = frame.readyState >= 2; // HTMLMediaElement.HAVE_CURRENT_DATA
    return hasPicture
      ? { width: frame.videoWidth, height: frame.videoHeight }
      : { width: 0, height: 0 };
  }
  if ('naturalWidth' in frame) return { width: frame.naturalWidth, height: frame.naturalHeight };
  if ('displayWidth' in frame) return { width: frame.displayWidth, height: frame.displayHeight };
  // The size of pixels that were handed to another thread stays, the pixels do not.
  if ('data' in frame && frame.data.length === 0) return { width: 0, height: 0 };
  return { width: frame.width, height: frame.height };
}

/**
 * The size of the picture itself, not of the element that shows it.
 *
 * @throws {EmotionCamError} `frame-empty`: there is no picture in it; `frame-unreadable`: it is no frame
 */
export function frameSize(frame: Frame): FrameSize {
  checkKind(frame);
  const { width, height } = sizeOf(frame);
  if (width > 0 && height > 0) return { width, height };
  throw new EmotionCamError(
    'frame-empty',
    `The frame (${frame.constructor.name}) is ${width}x${height} pixels, expected at least 1x1. ` +
      'Wait until the video plays or the image is loaded; do not pass closed or detached frames.',
  );
}

/**
 * What became of a frame that the browser does not let us read.
 *
 * @returns none, where it was not the frame that failed
 */
export function unreadableFrame(cause: unknown): EmotionCamError | undefined {
  // SecurityError: pixels of another origin; InvalidStateError: a broken image, a detached bitmap.
  const names = ['SecurityError', 'InvalidStateError', 'DataCloneError'];
  if (!(cause instanceof DOMException) || !names.includes(cause.name)) return undefined;
  return new EmotionCamError(
    'frame-unreadable',
    `The browser does not give away the pixels of the frame (${cause.name}: ${cause.message}). Pictures ` +
      'of another origin need its consent (CORS, crossorigin="anonymous"); others must not be broken, ' +
      'closed or detached.',
    { cause },
  );
}
