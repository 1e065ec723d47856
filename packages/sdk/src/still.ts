import { createCropCanvas, type CropCanvas } from './face-crop.js';
import type { Frame, FrameSize } from './frame.js';

/**
 * Holds the picture of a playing video still. A video may show its next picture between two reads,
 * even within one task: the face would be found in one picture and cropped from another.
 */
export class Still {
  #copy: CropCanvas | undefined;

  /** The frame itself, or where it plays a copy of what it shows, valid until the next call. */
  take(frame: Frame, { width, height }: FrameSize): Frame {
    if (!('videoWidth' in frame)) return frame;
    const { canvas, context } = (this.#copy ??= createCropCanvas(1, { isReadByCpu: true }));
    if (canvas.width !== width || canvas.height !== height)
      Object.assign(canvas, { width, height });
    context.drawImage(frame, 0, 0, width, height);
    return canvas;
  }
}
