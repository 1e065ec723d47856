import type { Frame, FrameSize } from '../frame.js';

/** A frame that can be handed to another thread. */
export type PostableFrame = VideoFrame | ImageBitmap | ImageData;

/**
 * Takes hold of what a frame shows now, without reading its pixels where the browser has `VideoFrame`.
 * The picture of a playing video is held still by it.
 *
 * @param size - of the frame
 * @returns the picture; a promise of it where the browser makes it in the background. Whoever gets it
 *   frees it or hands it on
 */
export function toPostable(
  frame: Frame,
  { width, height }: FrameSize,
): PostableFrame | Promise<ImageBitmap> {
  if (frame instanceof ImageData) return new ImageData(frame.data.slice(), width, height);
  if (typeof VideoFrame === 'undefined') return createImageBitmap(frame);
  const picture = toVideoFrame(frame);
  // Some browsers forget that a recording is to be turned: then it has another size.
  if (picture?.displayWidth === width && picture.displayHeight === height) return picture;
  picture?.close();
  return createImageBitmap(frame);
}

function toVideoFrame(frame: Exclude<Frame, ImageData>): VideoFrame | undefined {
  try {
    // A time must be given for pictures that have none of their own; nobody reads it.
    return frame instanceof VideoFrame ? frame.clone() : new VideoFrame(frame, { timestamp: 0 });
  } catch {
    return undefined; // an SVG picture, a canvas that pixels of another origin were drawn on
  }
}

/** What is handed over rather than copied when the frame is posted. */
export function transferableOf(frame: PostableFrame): Transferable {
  return frame instanceof ImageData ? frame.data.buffer : frame;
}

/** Frees the picture's memory at once; without it a camera soon has no buffers left. */
export function closeFrame(frame: PostableFrame): void {
  if (!(frame instanceof ImageData)) frame.close();
}
