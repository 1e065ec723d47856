import type { Frame, FrameSize } from '../frame.js';
import { toVideoFrame } from '../video-frame.js';

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
export function toPostable(frame: Frame, size: FrameSize): PostableFrame | Promise<ImageBitmap> {
  if (frame instanceof ImageData) return new ImageData(frame.data.slice(), size.width, size.height);
  return toVideoFrame(frame, size) ?? createImageBitmap(frame);
}

/** What is handed over rather than copied when the frame is posted. */
export function transferableOf(frame: PostableFrame): Transferable {
  return frame instanceof ImageData ? frame.data.buffer : frame;
}

/** Frees the picture's memory at once; without it a camera soon has no buffers left. */
export function closeFrame(frame: PostableFrame): void {
  if (!(frame instanceof ImageData)) frame.close();
}
