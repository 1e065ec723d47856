import type { BackendName } from '../backend.js';
import { FrameRate } from '../frame-rate.js';
import type { RecognitionResult } from '../reading.js';
import type { EmotionRecognizer } from '../recognizer.js';

/** How the recognition goes; times in milliseconds, of the last frame. */
export interface EmotionCamStats {
  /** Where the network ran. */
  readonly backend: BackendName;
  /** From the picture to the result. */
  readonly frameMs: number;
  /** Parts of it, as in {@link FrameTimings}: on WebGPU the network's time is in `readbackMs`. */
  readonly detectMs: number;
  /** See `detectMs`. */
  readonly cropMs: number;
  /** See `detectMs`. */
  readonly networkMs: number;
  /** See `detectMs`. */
  readonly readbackMs: number;
  /** Results a second, over the last two seconds. */
  readonly fps: number;
  /** Tensors in memory; it does not grow from frame to frame. */
  readonly numTensors: number;
}

/** Takes the figures of one run. */
export class StatsMeter {
  readonly #rate: FrameRate = new FrameRate();

  /** Counts a result that has just come. */
  see(
    { timings: { totalMs: frameMs, ...stages } }: RecognitionResult,
    { backend, numTensors }: EmotionRecognizer,
  ): EmotionCamStats {
    const fps = this.#rate.count(performance.now());
    return { backend: backend.name, frameMs, ...stages, fps, numTensors };
  }
}
