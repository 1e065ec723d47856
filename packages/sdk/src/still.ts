import { createCropCanvas, type CropCanvas } from './face-crop.js';
import type { Frame, FrameSize } from './frame.js';
import { isVideoFrame, toVideoFrame } from './video-frame.js';

/**
 * Holds the picture of a frame still while it is read. A video may show its next picture between two
 * reads, even within one task: the face would be found in one picture and cropped from another.
 */
export class Still {
  readonly #takesVideoFrames: boolean;
  #canvas: CropCanvas | undefined;
  #videoFrame: VideoFrame | undefined;

  /**
   * @param takesVideoFrames - where a graphics card reads them without a copy. A canvas shrinks them
   *   without averaging (Chromium heeds `imageSmoothingQuality` for all else), and converts their
   *   colours at each read: there they are copied once
   */
  constructor(takesVideoFrames: boolean) {
    this.#takesVideoFrames = takesVideoFrames;
  }

  /**
   * The frame itself, or of one that plays its picture; valid until `release`.
   *
   * @throws DOMException `SecurityError`: the browser does not give its pixels away. MediaPipe would
   *   break at that and read no frame any more
   */
  take(frame: Frame, size: FrameSize): Frame {
    if (frame instanceof ImageData) return frame; // pixels already
    const isPlaying = 'videoWidth' in frame;
    if (this.#takesVideoFrames) {
      if (isVideoFrame(frame)) return frame; // there is none of another origin's pixels
      this.#videoFrame = isPlaying ? toVideoFrame(frame, size) : undefined;
      if (this.#videoFrame) return this.#videoFrame;
    }
    if (isPlaying || isVideoFrame(frame)) return this.#copy(frame, size);
    this.#copy(frame, { width: 1, height: 1 }); // a pixel, to ask for it
    return frame;
  }

  /** Frees the picture; without it a camera soon has no buffers left. */
  release(): void {
    this.#videoFrame?.close();
    this.#videoFrame = undefined;
  }

  #copy(frame: CanvasImageSource, { width, height }: FrameSize): OffscreenCanvas {
    const { canvas, context } = (this.#canvas ??= createCropCanvas(1, { isReadByCpu: true }));
    if (canvas.width !== width || canvas.height !== height)
      Object.assign(canvas, { width, height });
    context.globalCompositeOperation = 'copy'; // nothing of the last one shines through
    context.drawImage(frame, 0, 0);
    context.getImageData(0, 0, 1, 1);
    return canvas;
  }
}
