import { createCropCanvas, type CropCanvas } from './face-crop.js';
import type { Frame, FrameSize } from './frame.js';

/**
 * Holds the picture of a playing video still. A video may show its next picture between two reads,
 * even within one task: the face would be found in one picture and cropped from another.
 */
export class Still {
  #copy: CropCanvas | undefined;

  /**
   * The frame itself, or where it plays a copy of what it shows, valid until the next call.
   *
   * @throws DOMException `SecurityError`: the browser does not give its pixels away. MediaPipe would
   *   break at that and read no frame any more
   */
  take(frame: Frame, { width, height }: FrameSize): Frame {
    if (frame instanceof ImageData) return frame; // pixels already
    const isPlaying = 'videoWidth' in frame;
    const { canvas, context } = (this.#copy ??= createCropCanvas(1, { isReadByCpu: true }));
    const size = isPlaying ? { width, height } : { width: 1, height: 1 };
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.drawImage(frame, 0, 0); // of one that does not play, a pixel to be asked for
    context.getImageData(0, 0, 1, 1);
    return isPlaying ? canvas : frame;
  }
}
