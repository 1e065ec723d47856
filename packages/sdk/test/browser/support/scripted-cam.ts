import type { Backend } from '../../../src/backend.js';
import { EmotionCam } from '../../../src/emotion-cam.js';
import { EMOTIONS, type Emotion } from '../../../src/network/emotions.js';
import type { EmotionRecognizer } from '../../../src/recognizer.js';
import type { FaceReading, RecognitionResult } from '../../../src/reading.js';
import type { RecognizerOptions } from '../../../src/recognizer-options.js';
import { VideoWatch } from '../../../src/video-watch.js';

/** What a script says of one frame: an expression, no face, several faces, or a failure. */
type Step = Emotion | 'nobody' | Error | readonly FaceReading[];

/** What an element asked of the recognizer that it made. */
export interface Script {
  /** Played frame by frame; the last step stays. Change it at any time. */
  steps: Step[];
  /** How many recognizers were made, and with what. */
  readonly created: RecognizerOptions[];
  disposed: number;
  /** Where the network seems to run. */
  backend: Backend;
  frames: number;
  /** Where the recognizer seems to dispatch its events. */
  readonly events: EventTarget;
  /** Settles before each result; for frames that take their time. */
  work: () => Promise<unknown>;
  /** Settles before the recognizer is there; for downloads that take their time or fail. */
  loading: () => Promise<unknown>;
}

/** In a frame of 100x100. */
export const BOX = { x: 10, y: 30, width: 40, height: 50 };

/** Nothing that these tests look at depends on it. */
const EYE = { x: 20, y: 45 };

/** Scores .7 and six times .05. */
export function readingOf(emotion: Emotion): FaceReading {
  const scores = Object.fromEntries(
    EMOTIONS.map((one) => [one, one === emotion ? 0.7 : 0.05]),
  ) as Record<Emotion, number>;
  return {
    id: 1,
    box: BOX,
    keyPoints: [EYE, EYE, EYE, EYE, EYE, EYE],
    detectionScore: 0.9,
    rollDegrees: 0,
    emotion,
    isUncertain: false,
    scores,
    calibratedScores: scores,
    rawScores: scores,
    logits: new Float32Array(7),
  };
}

function facesOf(step: Exclude<Step, Error>): readonly FaceReading[] {
  if (step === 'nobody') return [];
  return typeof step === 'string' ? [readingOf(step)] : step;
}

/**
 * An `<emotion-cam>` with a script in place of the network, to bring every state to the screen. How
 * it goes with the real one: emotion-cam-recognizer.test.ts.
 */
export class ScriptedCam extends EmotionCam {
  readonly script: Script = {
    steps: ['happiness'],
    created: [],
    disposed: 0,
    backend: { name: 'cpu', reason: 'A test wants it.' },
    frames: 0,
    events: new EventTarget(),
    work: () => Promise.resolve(),
    loading: () => Promise.resolve(),
  };

  protected override async createRecognizer(
    options: RecognizerOptions,
  ): Promise<EmotionRecognizer> {
    const { script } = this;
    script.created.push(options);
    await script.loading();
    const recognizer: Pick<
      EmotionRecognizer,
      'backend' | 'numTensors' | 'addEventListener' | 'recognize' | 'watch' | 'dispose'
    > = {
      get backend() {
        return script.backend;
      },
      numTensors: 7,
      addEventListener: script.events.addEventListener.bind(script.events),
      async recognize(_frame, timestampMs = 0): Promise<RecognitionResult> {
        const step = script.steps[Math.min(script.frames, script.steps.length - 1)]!;
        script.frames += 1;
        await script.work();
        if (step instanceof Error) throw step;
        return {
          faces: facesOf(step),
          timestampMs,
          timings: { detectMs: 1, cropMs: 0.5, networkMs: 2, readbackMs: 0.25, totalMs: 4 },
          frame: { width: 100, height: 100 },
        };
      },
      watch(video, options) {
        return new VideoWatch(this, video, options);
      },
      dispose() {
        script.disposed += 1;
      },
    };
    return recognizer as EmotionRecognizer;
  }
}

customElements.define('scripted-cam', ScriptedCam);

/** Puts an element into the page. */
export function addCam(properties: Partial<ScriptedCam> = {}): ScriptedCam {
  const cam = new ScriptedCam();
  Object.assign(cam, properties);
  document.body.append(cam);
  return cam;
}

/** The element's inside. */
export function inside(cam: EmotionCam, selector: string): HTMLElement {
  const found = cam.renderRoot.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`Nothing in the element is ${selector}.`);
  return found;
}

export function videoOf(cam: EmotionCam): HTMLVideoElement {
  return inside(cam, 'video') as HTMLVideoElement;
}

/** What stands over the picture; empty where nothing does. */
export function messageOf(cam: EmotionCam): string {
  const message = cam.renderRoot.querySelector('.cover p, .chip');
  return message?.textContent.trim() ?? '';
}

/** Resolves with the next event of a type. */
export function next<E extends Event>(target: EventTarget, type: string): Promise<E> {
  return new Promise((resolve) => {
    target.addEventListener(
      type,
      (event) => {
        resolve(event as E);
      },
      { once: true },
    );
  });
}
