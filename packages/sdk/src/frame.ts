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
  return { width: frame.width, height: frame.height };
}

/**
 * The size of the picture itself, not of the element that shows it.
 *
 * @throws {EmotionCamError} `frame-empty`: there is no picture in it
 */
export function frameSize(frame: Frame): FrameSize {
  const { width, height } = sizeOf(frame);
  if (width > 0 && height > 0) return { width, height };
  throw new EmotionCamError(
    'frame-empty',
    `The frame (${frame.constructor.name}) is ${width}x${height} pixels, expected at least 1x1. ` +
      'Wait until the video plays or the image is loaded; do not pass closed or detached frames.',
  );
}
