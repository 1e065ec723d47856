import type { Frame, FrameSize } from './frame.js';

/**
 * Takes hold of what a frame shows now, as a `VideoFrame`: a picture of its own, without reading pixels.
 *
 * @param size - of the frame
 * @returns none where the browser cannot do it, or does not give the pixels away. Whoever gets it
 *   closes it or hands it on
 */
export function toVideoFrame(
  frame: Exclude<Frame, ImageData>,
  { width, height }: FrameSize,
): VideoFrame | undefined {
  if (typeof VideoFrame === 'undefined') return undefined;
  const picture = tryVideoFrame(frame);
  // Some browsers forget that a recording is to be turned: then it has another size.
  if (picture?.displayWidth === width && picture.displayHeight === height) return picture;
  picture?.close();
  return undefined;
}

function tryVideoFrame(frame: Exclude<Frame, ImageData>): VideoFrame | undefined {
  try {
    // A time must be given for pictures that have none of their own; nobody reads it.
    return frame instanceof VideoFrame ? frame.clone() : new VideoFrame(frame, { timestamp: 0 });
  } catch {
    return undefined; // an SVG picture, a canvas that pixels of another origin were drawn on
  }
}

/** Also where the browser has none. */
export function isVideoFrame(frame: Frame): frame is VideoFrame {
  return typeof VideoFrame === 'function' && frame instanceof VideoFrame;
}
