import { checkOption, checkOptions } from './check-option.js';
import { EmotionCamError, type EmotionCamErrorCode } from './errors.js';
import { FrameLoop } from './frame-loop.js';
import { FrameOverlap } from './frame-overlap.js';
import { FramePace } from './frame-pace.js';
import type { RecognitionResult } from './reading.js';
import type { EmotionRecognizer } from './recognizer.js';

/** How a video is watched. */
export interface WatchOptions {
  /** Called with every result, in the order of the frames; the next waits until its promise settles. */
  readonly onResult: (result: RecognitionResult) => unknown;
  /** At most so many frames a second. Default: as many as there are. */
  readonly maxFps?: number | undefined;
}

/** What a watch asks of its recognizer. */
type Recognizer = Pick<EmotionRecognizer, 'backend' | 'recognize'>;

/**
 * Recognises the frames of a video while it plays, always the newest: frames that are shown while there
 * is no time for them are dropped, never queued. It rests while the video is paused, in a hidden tab,
 * out of view or not rendered, and takes five frames a second while nobody is in view.
 */
export class VideoWatch {
  /** As in {@link WatchOptions}. Change it at any time. */
  maxFps: number | undefined;
  /**
   * Whether on WebGPU the faces of the next frame are found while the graphics card reads the one
   * before. Where it is not, `explain` is about the frame of the last result. Default `true`.
   */
  isOverlapping = true;
  /**
   * Resolves when it has been stopped, or its recognizer disposed of, and no frame is in work any more.
   * Rejects with what a frame could not be read for, or with what `onResult` threw: it has ended then.
   */
  readonly ended: Promise<void>;
  readonly #loop: FrameLoop<RecognitionResult | undefined>;
  #end!: () => void;

  /** @throws {EmotionCamError} `option-invalid` */
  constructor(recognizer: Recognizer, video: HTMLVideoElement, options: WatchOptions) {
    checkOption({ video }, video instanceof HTMLVideoElement, 'a <video>');
    checkOptions(options);
    const { onResult, maxFps } = options;
    checkOption({ onResult }, typeof onResult === 'function', 'a function');
    checkOption({ maxFps }, maxFps === undefined || maxFps > 0, 'frames a second, above 0');
    this.maxFps = maxFps;
    const pace = new FramePace();
    const overlap = new FrameOverlap();
    let fail!: (error: unknown) => void;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      fail = reject;
    });
    this.#loop = new FrameLoop(video, {
      isDue: (timestampMs) => {
        pace.maxFps = this.maxFps;
        return pace.isDue(timestampMs);
      },
      // Without a graphics card, one thread alone gains nothing by it.
      mayOverlap: (inWorkMs) =>
        this.isOverlapping && recognizer.backend.name === 'webgpu' && overlap.isDue(inWorkMs),
      onFrame: ({ timestampMs }) =>
        recognizer.recognize(video, timestampMs).catch(passOver('frame-dropped')),
      onResult: async (result) => {
        if (!result) return; // the next frame will do
        pace.see({ timestampMs: result.timestampMs, hasFace: result.faces.length > 0 });
        overlap.see(result.timings);
        await onResult(result);
      },
      onError: (error) => {
        const isDisposed = error instanceof EmotionCamError && error.code === 'recognizer-disposed';
        void this.#loop.idle.then(() => {
          if (isDisposed) this.#end();
          else fail(error);
        });
      },
    });
  }

  /** Takes no more frames; `onResult` is not called any more. */
  stop(): void {
    this.#loop.stop();
    void this.#loop.idle.then(this.#end);
  }
}

/** Catches errors that say no more than that there is nothing this time. */
export function passOver(...codes: EmotionCamErrorCode[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof EmotionCamError && codes.includes(error.code)) return undefined;
    throw error;
  };
}
