import type { Backend } from './backend.js';
import type { EmotionCamError } from './errors.js';
import type { Emotion } from './network/emotions.js';
import type { SetupChange } from './pipeline-supervisor.js';
import type { FaceReading, RecognitionResult, Scores } from './reading.js';

const BUBBLING: EventInit = { bubbles: true, composed: true };

/** The video plays, the model is loaded and warm: results follow. */
export class ReadyEvent extends Event {
  /** Where the network runs, and why there. */
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
  /** All of the frame: every face, the time, how long it took. */
  readonly result: RecognitionResult;

  constructor(face: FaceReading, result: RecognitionResult) {
    super('emotion', BUBBLING);
    this.emotion = face.emotion;
    this.scores = face.scores;
    this.face = face;
    this.result = result;
  }
}

/** A face shows another expression than in the frame before, or is as uncertain as it was not then. */
export class EmotionChangeEvent extends Event {
  /** The expression to show now; see `face.isUncertain`. */
  readonly emotion: Emotion;
  /** None: the face has just come into view. */
  readonly previous: Emotion | undefined;
  /** The face in this frame. */
  readonly face: FaceReading;
  /** When the frame was shown, on the clock of `performance.now()`. */
  readonly timestampMs: number;

  constructor(face: FaceReading, previous: Emotion | undefined, timestampMs: number) {
    super('emotion-change', BUBBLING);
    this.emotion = face.emotion;
    this.previous = previous;
    this.face = face;
    this.timestampMs = timestampMs;
  }
}

/** A face has come into view, or back. */
export class FaceFoundEvent extends Event {
  /** Its first reading. */
  readonly face: FaceReading;
  /** When the frame was shown, on the clock of `performance.now()`. */
  readonly timestampMs: number;

  constructor(face: FaceReading, timestampMs: number) {
    super('face-found', BUBBLING);
    this.face = face;
    this.timestampMs = timestampMs;
  }
}

/** The first frame without a face that was there in the frame before. */
export class FaceLostEvent extends Event {
  /** `id` of its readings. */
  readonly faceId: number;
  /** When that frame was shown, on the clock of `performance.now()`. */
  readonly timestampMs: number;

  constructor(faceId: number, timestampMs: number) {
    super('face-lost', BUBBLING);
    this.faceId = faceId;
    this.timestampMs = timestampMs;
  }
}

/** The network runs elsewhere than before: another was asked for, or the one before broke. */
export class BackendChangeEvent extends Event {
  /** With the reason. */
  readonly backend: Backend;
  /** The one before. */
  readonly previous: Backend;

  constructor(backend: Backend, previous: Backend) {
    super('backend-change', BUBBLING);
    this.backend = backend;
    this.previous = previous;
  }
}

/** The person was asked, in the element, whether their face may be read. */
export class ConsentEvent extends Event {
  /** They agreed. `false`: they declined, or took it back by stopping it. */
  readonly isGiven: boolean;

  constructor(isGiven: boolean) {
    super('consent', BUBBLING);
    this.isGiven = isGiven;
  }
}

/** The camera did not open, or went away; `error` follows. This one bubbles. */
export class CameraErrorEvent extends Event {
  /** Its `code` is a {@link CameraErrorCode} or `stream-ended`. */
  readonly error: EmotionCamError;

  constructor(error: EmotionCamError) {
    super('camera-error', BUBBLING);
    this.error = error;
  }
}

/**
 * The recognizer works otherwise than it did or than was to be expected: its `backend`, `thread` and
 * `model` say how. It was set up again because something it needs was lost (the frames meanwhile were
 * dropped), or it chose the small model.
 */
export class SetupChangeEvent extends Event {
  /** `without-gpu` and `over-budget`: the small model was chosen; all others: what was lost. */
  readonly cause: SetupChange['cause'] | 'without-gpu';
  /** A sentence for people. */
  readonly reason: string;

  constructor({ cause, reason }: Pick<SetupChangeEvent, 'cause' | 'reason'>) {
    super('setup-change');
    this.cause = cause;
    this.reason = reason;
  }
}

/**
 * The element, or the recognizer, stopped, and says why. Like the platform's own `error` events it does not bubble:
 * otherwise `window.onerror` and error trackers would take it for an uncaught exception.
 */
export class EmotionCamErrorEvent extends Event {
  /** Why, with a `code` for programs and a sentence for people. */
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
    'emotion-change': EmotionChangeEvent;
    'face-found': FaceFoundEvent;
    'face-lost': FaceLostEvent;
    'backend-change': BackendChangeEvent;
    consent: ConsentEvent;
    'setup-change': SetupChangeEvent;
    'camera-error': CameraErrorEvent;
    // `error` is the platform's ErrorEvent here; EmotionCamEventMap has ours. `progress` is the platform's.
  }
}

/** The events of an `EmotionRecognizer`. */
export interface EmotionRecognizerEventMap {
  'setup-change': SetupChangeEvent;
  /** It has failed for good: every call is rejected with the same error from now on. */
  error: EmotionCamErrorEvent;
}

/** The events of `<emotion-cam>` with the platform's, as its `addEventListener` knows them. */
export interface EmotionCamEventMap extends Omit<HTMLElementEventMap, 'error'> {
  error: EmotionCamErrorEvent;
}
