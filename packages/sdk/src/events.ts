import type { Backend } from './backend.js';
import type { EmotionCamError } from './errors.js';
import type { Emotion } from './network/emotions.js';
import type { FaceReading, RecognitionResult, Scores } from './reading.js';

const BUBBLING: EventInit = { bubbles: true, composed: true };

/** The video plays, the model is loaded and warm: results follow. */
export class ReadyEvent extends Event {
  readonly backend: Backend;

  constructor(backend: Backend) {
    super('ready', BUBBLING);
    this.backend = backend;
  }
}

/** An expression was recognised in a frame. */
export class EmotionEvent extends Event {
  /** The expression to show; see `face.isUncertain`. */
  readonly emotion: Emotion;
  /** Probabilities, 0 … 1, that add up to 1; smoothed over time. */
  readonly scores: Scores;
  /** The face they belong to: the one in front. The others are in `result.faces`. */
  readonly face: FaceReading;
  readonly result: RecognitionResult;

  constructor(face: FaceReading, result: RecognitionResult) {
    super('emotion', BUBBLING);
    this.emotion = face.emotion;
    this.scores = face.scores;
    this.face = face;
    this.result = result;
  }
}

/** The first frame without a face after frames with one. */
export class FaceLostEvent extends Event {
  /** When that frame was shown, on the clock of `performance.now()`. */
  readonly timestampMs: number;

  constructor(timestampMs: number) {
    super('face-lost', BUBBLING);
    this.timestampMs = timestampMs;
  }
}

/**
 * The element stopped, and says why. Like the platform's own `error` events it does not bubble:
 * otherwise `window.onerror` and error trackers would take it for an uncaught exception.
 */
export class EmotionCamErrorEvent extends Event {
  readonly error: EmotionCamError;

  constructor(error: EmotionCamError) {
    super('error', { composed: true });
    this.error = error;
  }
}

declare global {
  interface HTMLElementEventMap {
    ready: ReadyEvent;
    emotion: EmotionEvent;
    'face-lost': FaceLostEvent;
    // `error` is the platform's ErrorEvent here; EmotionCamEventMap has ours.
  }
}

/** The events of `<emotion-cam>` with the platform's, as its `addEventListener` knows them. */
export interface EmotionCamEventMap extends Omit<HTMLElementEventMap, 'error'> {
  error: EmotionCamErrorEvent;
}
