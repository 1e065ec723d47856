import { assetUrls, manifestUrl } from './assets.js';
import type { Backend } from './backend.js';
import { BaselineMeasurement, checkBaseline, type Baseline } from './baseline.js';
import { checkOption, checkOptions, checkSignal } from './check-option.js';
import { EmotionCamError } from './errors.js';
import {
  EmotionCamErrorEvent,
  SetupChangeEvent,
  type EmotionRecognizerEventMap,
} from './events.js';
import { ExpressionReader } from './expression-reader.js';
import { faceUnknown, type Explanation } from './explanation.js';
import type { Frame } from './frame.js';
import { drawHeatMap, inverse } from './heat-map.js';
import type { Emotion } from './network/emotions.js';
import type { ModelManifest } from './network/manifest.js';
import type { ClassifiedFrame, PipelineSettings, StageTimings } from './pipeline.js';
import { PipelineSupervisor, type MadePipeline } from './pipeline-supervisor.js';
import type { RecognitionResult } from './reading.js';
import { Recording, type RecordingOptions } from './recording.js';
import {
  resolveOptions,
  type ModelName,
  type RecognizerOptions,
  type ResolvedOptions,
} from './recognizer-options.js';
import { createPipeline, type Thread } from './thread.js';
import { VideoWatch, type WatchOptions } from './video-watch.js';

/** How long a recognizer took to start, in milliseconds. */
export interface StartTimings extends StageTimings {
  /** From `create()` until it was ready. */
  readonly totalMs: number;
  /** From `create()` until the first result; none: there is none yet. */
  readonly firstResultMs?: number;
}

/** Is told every result, until the recognizer is disposed of or fails. */
interface Watcher {
  readonly handleResult: (result: RecognitionResult) => void;
  readonly handleEnd?: (error: EmotionCamError) => void;
}

/**
 * Recognises facial expressions in frames; needs no element and no DOM tree.
 *
 * What breaks while it runs (the graphics card is reset, the worker crashes, the face detector loses
 * its WebGL context) it mends by setting itself up again: after half a second, then one, then two; a
 * graphics card that is lost twice is given up for WebAssembly. The frames meanwhile are dropped. After
 * three restarts in ten minutes it stops for good, with one error.
 *
 * @fires {SetupChangeEvent} setup-change - It was set up again; `backend` and `thread` may be others
 * @fires {EmotionCamErrorEvent} error - `recognizer-failed`: it stopped for good
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see the interface
export class EmotionRecognizer extends EventTarget {
  readonly #supervisor: PipelineSupervisor;
  readonly #reader: ExpressionReader;
  readonly #isModelGiven: boolean;
  readonly #watchers: Set<Watcher> = new Set();
  #start!: { readonly startMs: number; readonly stages: StartTimings };
  #lastResult: RecognitionResult | undefined;
  /** Settles when the newest call, and those before it, have their results. */
  #lastCall: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  private constructor(made: MadePipeline, settings: PipelineSettings, options: ResolvedOptions) {
    super();
    this.#isModelGiven = !isModelName(options.model);
    this.#reader = new ExpressionReader(made.pipeline.manifest, options);
    this.#supervisor = new PipelineSupervisor(made, {
      settings,
      thread: options.thread,
      frameBudgetMs: options.frameBudgetMs,
      onChange: ({ cause, message }) => {
        this.#reader.setManifest(this.manifest);
        const reason = `Set up again because ${message}. ${this.backend.reason} ${this.thread.reason}`;
        this.dispatchEvent(new SetupChangeEvent({ cause, reason }));
      },
      onFailure: (error) => {
        this.#endWatchers(error);
        this.dispatchEvent(new EmotionCamErrorEvent(error));
      },
    });
  }

  /**
   * Loads everything and runs detector and network once, so that the first frame is as quick as the others.
   *
   * @throws {EmotionCamError} `option-invalid`, `backend-unavailable`, `worker-unavailable`,
   *   `asset-unreachable`, `face-model-failed`, `manifest-…`, `weights-…`
   * @throws the signal's reason, if it is aborted
   */
  static async create(options: RecognizerOptions = {}): Promise<EmotionRecognizer> {
    const resolved = resolveOptions(options);
    const settings = pipelineSettings(resolved);
    const startMs = performance.now();
    try {
      const made = await createPipeline(resolved.thread, settings, resolved);
      const recognizer = new EmotionRecognizer(made, settings, resolved);
      const { stages } = made.pipeline;
      recognizer.#start = { startMs, stages: { ...stages, totalMs: performance.now() - startMs } };
      if (resolved.model === 'auto' && made.pipeline.isLite) recognizer.#tellOfLite();
      return recognizer;
    } catch (cause) {
      if (resolved.signal?.aborted || cause instanceof EmotionCamError) throw cause;
      throw new EmotionCamError(
        'internal',
        `The recognizer could not be made: ${String(cause)}. Please report it.`,
        { cause },
      );
    }
  }

  /** Where the network runs, and why there. */
  get backend(): Backend {
    return this.#supervisor.current.pipeline.backend;
  }

  /** Which thread finds and reads faces, and why that one. */
  get thread(): Thread {
    return this.#supervisor.current.thread;
  }

  /** The model's labels, input size, metrics and terms. */
  get manifest(): ModelManifest {
    return this.#supervisor.current.pipeline.manifest;
  }

  /** Which of the package's models is at work; `given`: that of the option `model`. */
  get model(): 'full' | 'lite' | 'given' {
    if (this.#supervisor.current.pipeline.isLite) return 'lite';
    return this.#isModelGiven ? 'given' : 'full';
  }

  /** How long it took from `create()` until it was ready, and until the first result, by stage. */
  get startTimings(): StartTimings {
    return this.#start.stages;
  }

  /** How many tensors TensorFlow.js holds in the recognizer's thread; the same after every frame. */
  get numTensors(): number {
    return this.#supervisor.current.pipeline.numTensors;
  }

  /**
   * What is taken off one person's scores; none: nothing. Set it to what `calibrate` gave on an earlier
   * visit. It belongs to one person and is used for every face.
   *
   * @throws {EmotionCamError} `option-invalid`, when it is set to anything else
   */
  get baseline(): Baseline | undefined {
    return this.#reader.baseline;
  }

  set baseline(baseline: Baseline | undefined) {
    if (baseline) checkBaseline(baseline);
    this.#reader.baseline = baseline;
  }

  /**
   * Finds the largest faces, up to `maxFaces`, and their expressions.
   *
   * The frame is read before the promise is returned: it may be closed or drawn over right after the
   * call. Calls may overlap; each has its own result, and results come in the order of the calls.
   * Nothing is dropped here, so a caller that is faster than the network should wait for the result
   * before it passes the next frame. On WebGPU two calls that overlap gain something: the faces of
   * one frame are found while the graphics card computes the one before.
   *
   * @param timestampMs - when the frame was shown, handed on. In video mode it says how far faces can
   *   have moved and how much is smoothed, and one before the last begins a new sequence. Default: now
   * @throws {EmotionCamError} `option-invalid`: a time that is none; `frame-empty`, `frame-unreadable`;
   *   `frame-dropped`: go on with the next;
   *   `recognizer-failed`, `recognizer-disposed`: make a new recognizer
   */
  async recognize(
    frame: Frame,
    timestampMs: number = performance.now(),
  ): Promise<RecognitionResult> {
    if (this.#isDisposed) throw disposed('recognize');
    checkOption({ timestampMs }, Number.isFinite(timestampMs), 'milliseconds');
    const before = this.#lastCall;
    const call = this.#read(this.#supervisor.process(frame, timestampMs), before);
    // Without a value: one that held the value of the one before would hold all results there ever were.
    this.#lastCall = Promise.allSettled([before, call]).then(() => undefined);
    return call;
  }

  /**
   * Recognises the frames of a video while it plays, from now on until `stop()`: `recognize` in a loop
   * that never falls behind.
   *
   * @param video - of a camera or a file; it need not be in the page
   * @throws {EmotionCamError} `option-invalid`, `recognizer-disposed`
   */
  watch(video: HTMLVideoElement, options: WatchOptions): VideoWatch {
    if (this.#isDisposed) throw disposed('watch');
    return new VideoWatch(this, video, options);
  }

  /**
   * Where in the newest frame the network sees an expression: Grad-CAM, a heat map over the crop of
   * the face. Takes as long as reading a face again; frames cost nothing more for it.
   *
   * @param faceId - `id` of a face of the last result
   * @param emotion - which expression; default: the one that the last result shows
   * @throws {EmotionCamError} `face-unknown`: no such face in the last result, or it was gone in the
   *   frame after it; `frame-dropped`: something broke meanwhile; `option-invalid`,
   *   `recognizer-disposed`, `recognizer-failed`
   */
  async explain(faceId: number, emotion?: Emotion): Promise<Explanation> {
    if (this.#isDisposed) throw disposed('explain');
    const labels: readonly string[] = this.manifest.labels;
    const isKnown = emotion === undefined || labels.includes(emotion);
    checkOption({ emotion }, isKnown, labels.map((label) => `"${label}"`).join(', '));
    const faces = this.#lastResult?.faces;
    const face = faces?.find(({ id }) => id === faceId);
    if (!face)
      throw faceUnknown(
        faceId,
        faces?.map(({ id }) => id),
      );
    const explained = emotion ?? face.emotion;
    const heatMap = await this.#supervisor.explain(faceId, labels.indexOf(explained));
    const { values, width, height, timestampMs, toCrop } = heatMap;
    return {
      ...{ faceId, emotion: explained, timestampMs, values, width, height },
      canvas: drawHeatMap(heatMap),
      toFrame: inverse(toCrop),
    };
  }

  /**
   * Learns how one person's face looks at rest from the next frames that are recognised, and takes it
   * into account from then on: a mouth whose corners hang by nature is not read as sadness. Ask the
   * person to look into the camera with a relaxed face meanwhile. Frames must go on coming.
   *
   * @param seconds - how long, on the clock of the frames; 2 or 3 are enough
   * @param options.signal - gives up; the baseline stays as it was
   * @returns the new baseline, which is also that of the recognizer
   * @throws {EmotionCamError} `calibration-failed`: nobody in view, or not one person all the time;
   *   `option-invalid`, `recognizer-disposed`
   * @throws the signal's reason, if it is aborted
   */
  async calibrate(seconds: number, options: { signal?: AbortSignal } = {}): Promise<Baseline> {
    if (this.#isDisposed) throw disposed('calibrate');
    checkOption({ seconds }, Number.isFinite(seconds) && seconds > 0, 'seconds above 0');
    checkOptions(options);
    const { signal } = options;
    checkSignal(signal);
    signal?.throwIfAborted();
    // Scores with the old baseline play no part: it is measured from logits.
    const measurement = new BaselineMeasurement(seconds * 1000, this.manifest);
    const done = new AbortController();
    await new Promise<void>((resolve, reject) => {
      const watcher: Watcher = {
        handleResult: (result) => {
          if (measurement.add(result)) resolve();
        },
        handleEnd: reject,
      };
      this.#watchers.add(watcher);
      done.signal.addEventListener('abort', () => this.#watchers.delete(watcher));
      const handleAbort = (): void => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', handleAbort, { signal: done.signal });
    }).finally(() => {
      done.abort();
    });
    this.baseline = measurement.finish();
    return this.baseline;
  }

  /**
   * Records every result from now on, as numbers without pictures, until `recording.stop()` or
   * `dispose`; read it at any time. Several recordings may run at once.
   *
   * @throws {EmotionCamError} `option-invalid`, `recognizer-disposed`
   */
  record(options: RecordingOptions = {}): Recording {
    if (this.#isDisposed) throw disposed('record');
    const subscribe = (handleResult: (result: RecognitionResult) => void): (() => void) => {
      const watcher: Watcher = { handleResult };
      this.#watchers.add(watcher);
      return () => this.#watchers.delete(watcher);
    };
    return new Recording({ model: this.manifest.name, subscribe }, options);
  }

  /** Frees weights and detector. Results of calls in flight still come. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#supervisor.dispose();
    this.#endWatchers(disposed('calibrate'));
  }

  /** @param before - settles when the calls before have their results */
  async #read(
    processing: Promise<ClassifiedFrame>,
    before: Promise<unknown>,
  ): Promise<RecognitionResult> {
    const classified = await processing;
    await before; // a frame without a face is ready sooner than the one before that has one
    const result = this.#reader.read(classified);
    const { startMs, stages } = this.#start;
    if (stages.firstResultMs === undefined) {
      this.#start = { startMs, stages: { ...stages, firstResultMs: performance.now() - startMs } };
    }
    this.#lastResult = result;
    for (const { handleResult } of this.#watchers) handleResult(result);
    return result;
  }

  /** After `create` has resolved, when somebody can listen. */
  #tellOfLite(): void {
    const reason = `The small model, because the network cannot run on a graphics card. ${this.backend.reason}`;
    setTimeout(() => {
      this.dispatchEvent(new SetupChangeEvent({ cause: 'without-gpu', reason }));
    });
  }

  #endWatchers(error: EmotionCamError): void {
    for (const { handleEnd } of this.#watchers) handleEnd?.(error);
    this.#watchers.clear();
  }
}

/** Listeners know the recognizer's events. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- methods of EventTarget, which exist
export interface EmotionRecognizer {
  /** As the platform's, with the types of the recognizer's events. */
  addEventListener<K extends keyof EmotionRecognizerEventMap>(
    type: K,
    listener: (this: EmotionRecognizer, event: EmotionRecognizerEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As the platform's, for any other event. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As the platform's, with the types of the recognizer's events. */
  removeEventListener<K extends keyof EmotionRecognizerEventMap>(
    type: K,
    listener: (this: EmotionRecognizer, event: EmotionRecognizerEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  /** As the platform's, for any other event. */
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** The part of the options that concerns the pipeline, with every address made absolute. */
function pipelineSettings({ model, assets, ...options }: ResolvedOptions): PipelineSettings {
  const urls = assetUrls(assets);
  const named: Readonly<Record<ModelName, URL>> = {
    auto: urls.model,
    full: urls.model,
    lite: urls.liteModel,
  };
  const { backend, mode, maxFaces, minDetectionConfidence, detectionIntervalMs } = options;
  const { cache, tuning } = options;
  // Whoever puts another model in the large one's place does not want the package's small one.
  const given = typeof assets === 'object' && !(assets instanceof URL) ? assets : {};
  const hasLite = given.model === undefined || given.liteModel !== undefined;
  return {
    ...{ backend, mode, maxFaces, minDetectionConfidence, detectionIntervalMs, cache, tuning },
    takesLite: model === 'auto' && hasLite ? 'without-gpu' : 'never',
    urls: {
      model: (isModelName(model) ? named[model] : manifestUrl(model)).href,
      liteModel: urls.liteModel.href,
      faceDetector: urls.faceDetector.href,
      mediapipe: urls.mediapipe.href,
      tfjsWasm: urls.tfjsWasm.href,
    },
  };
}

function isModelName(model: string | URL): model is ModelName {
  return MODEL_NAMES.includes(model as ModelName);
}

const MODEL_NAMES: readonly ModelName[] = ['auto', 'full', 'lite'];

function disposed(method: string): EmotionCamError {
  return new EmotionCamError(
    'recognizer-disposed',
    `${method}() was called after dispose(), or was at work then. Make a new recognizer with EmotionRecognizer.create().`,
  );
}
