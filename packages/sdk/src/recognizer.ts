import * as tf from '@tensorflow/tfjs-core';
import { assetUrls, manifestUrl, type AssetLocations } from './assets.js';
import { activate, startBackend, warmUp, type Backend, type BackendName } from './backend.js';
import { EmotionCamError } from './errors.js';
import {
  createCropCanvas,
  cropTransform,
  drawFaceCrop,
  rollDegrees,
  type CropCanvas,
} from './face-crop.js';
import { FaceDetector, type Box, type DetectedFace } from './face-detector.js';
import { frameSize, type Frame, type FrameSize } from './frame.js';
import { EmotionModel } from './model.js';
import type { Emotion, ModelManifest } from './network/index.js';
import { softmax } from './softmax.js';
import { Still } from './still.js';

/** How an {@link EmotionRecognizer} is made. Everything is optional. */
export interface RecognizerOptions {
  /** The model's folder or manifest. Default: the one that comes with the package. */
  readonly model?: string | URL | undefined;
  /**
   * Where files are loaded from: a folder laid out as the package's `assets/`, or single locations.
   * Default: the package's own folder. Nothing is ever loaded from anywhere else.
   */
  readonly assets?: string | URL | Partial<AssetLocations> | undefined;
  /** Where the network runs. Default: `'auto'`, the fastest that works. */
  readonly backend?: 'auto' | BackendName | undefined;
  /** Called as bytes of the weights arrive. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Gives up loading: `create` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Least score of a face, 0..1. Default: 0.5. */
  readonly minDetectionConfidence?: number | undefined;
}

/** A face and its expression. */
export interface FaceReading {
  /** In pixels of the frame; it may reach beyond the frame's edges. */
  readonly box: Box;
  /**
   * In pixels of the frame, "left" and "right" as seen in it: left eye (the person's right), right
   * eye, tip of the nose, mouth, left ear, right ear.
   */
  readonly keyPoints: DetectedFace['keyPoints'];
  /** How sure the face detector is, 0..1. */
  readonly detectionScore: number;
  /** Tilt of the line between the eyes, clockwise as seen. */
  readonly rollDegrees: number;
  /** The likeliest expression. */
  readonly emotion: Emotion;
  /** Probability of each expression; they add up to 1. */
  readonly scores: Readonly<Record<Emotion, number>>;
  /** What the network gave before temperature and softmax, in the order of `manifest.labels`. */
  readonly logits: Float32Array;
}

/** What was recognised in one frame. */
export interface RecognitionResult {
  /** The largest face, the only one that is classified; empty where there is none. */
  readonly faces: readonly FaceReading[];
  readonly timestampMs: number;
  readonly timings: {
    readonly detectMs: number;
    /** From the crop to the logits; 0 without a face. */
    readonly networkMs: number;
    readonly totalMs: number;
  };
  /** Size of the frame in pixels. */
  readonly frame: FrameSize;
}

/**
 * Recognizers are made one after the other: TensorFlow.js has one current back end, and MediaPipe hands
 * its module over in a global variable.
 */
let lastCreation: Promise<unknown> = Promise.resolve();

type Load<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Loads two things side by side. When one fails, the other is broken off.
 *
 * @throws what the first to fail throws
 * @throws the signal's reason, if it is aborted
 */
async function loadBoth<A extends { dispose(): void }, B extends { dispose(): void }>(
  loadFirst: Load<A>,
  loadSecond: Load<B>,
  signal: AbortSignal | undefined,
): Promise<[A, B]> {
  signal?.throwIfAborted();
  const both = new AbortController();
  const giveUp = (reason: unknown): void => {
    both.abort(reason);
  };
  const handleAbort = (): void => {
    giveUp(signal?.reason);
  };
  signal?.addEventListener('abort', handleAbort);
  const loads = [loadFirst(both.signal), loadSecond(both.signal)] as const;
  for (const load of loads) load.catch(giveUp);
  const [first, second] = await Promise.allSettled(loads);
  signal?.removeEventListener('abort', handleAbort);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') {
    return [first.value, second.value];
  }
  for (const load of [first, second]) if (load.status === 'fulfilled') load.value.dispose();
  throw both.signal.reason;
}

/** Recognises facial expressions in frames; needs no element and no DOM tree. */
export class EmotionRecognizer {
  /** Where the network runs, and why there. */
  readonly backend: Backend;
  readonly #detector: FaceDetector;
  readonly #model: EmotionModel;
  readonly #crop: CropCanvas;
  readonly #still: Still = new Still();
  #isDisposed = false;

  private constructor(backend: Backend, detector: FaceDetector, model: EmotionModel) {
    this.backend = backend;
    this.#detector = detector;
    this.#model = model;
    this.#crop = createCropCanvas(model.manifest.input.size, {
      isReadByCpu: backend.name !== 'webgpu',
    });
  }

  /**
   * Loads everything and runs detector and network once, so that the first frame is as quick as the others.
   *
   * @throws {EmotionCamError} `backend-unavailable`, `asset-unreachable`, `face-model-failed`,
   *   `manifest-…`, `weights-…`
   * @throws the signal's reason, if it is aborted
   */
  static create(options: RecognizerOptions = {}): Promise<EmotionRecognizer> {
    const creation = lastCreation.then(() => EmotionRecognizer.#create(options));
    lastCreation = creation.catch(() => undefined);
    return creation;
  }

  static async #create(options: RecognizerOptions): Promise<EmotionRecognizer> {
    const { signal, minDetectionConfidence, onProgress } = options;
    signal?.throwIfAborted();
    const urls = assetUrls(options.assets);
    const modelUrl = options.model === undefined ? urls.model : manifestUrl(options.model);
    const backend = await startBackend({
      backend: options.backend,
      tfjsWasm: urls.tfjsWasm,
      signal,
    });
    const [detector, model] = await loadBoth(
      (both) => FaceDetector.create({ urls, minDetectionConfidence, signal: both }),
      (both) => EmotionModel.load(modelUrl, { onProgress, signal: both }),
      signal,
    );
    const recognizer = new EmotionRecognizer(backend, detector, model);
    try {
      detector.detect(createCropCanvas(64, { isReadByCpu: true }).canvas);
      await warmUp(backend, () => recognizer.#readCrop());
      signal?.throwIfAborted();
    } catch (error) {
      recognizer.dispose();
      throw error;
    }
    return recognizer;
  }

  /** The model's labels, input size, metrics and terms. */
  get manifest(): ModelManifest {
    return this.#model.manifest;
  }

  /** How many tensors TensorFlow.js holds in this page; the same after every frame. */
  get numTensors(): number {
    return tf.memory().numTensors;
  }

  /**
   * Finds the largest face and its expression.
   *
   * The frame is read before the promise is returned: it may be closed or drawn over right after the
   * call. Calls may overlap; each has its own result. They do not wait for each other, so a caller
   * that is faster than the network should wait for the result before it passes the next frame.
   *
   * @param timestampMs - when the frame was shown, handed on. Default: now
   * @throws {EmotionCamError} `frame-empty`, `recognizer-disposed`, `internal`
   */
  async recognize(
    frame: Frame,
    timestampMs: number = performance.now(),
  ): Promise<RecognitionResult> {
    if (this.#isDisposed) {
      throw new EmotionCamError(
        'recognizer-disposed',
        'recognize() was called after dispose(). Make a new one with EmotionRecognizer.create().',
      );
    }
    try {
      return await this.#recognize(frame, timestampMs);
    } catch (cause) {
      if (cause instanceof EmotionCamError) throw cause;
      throw new EmotionCamError(
        'internal',
        `The ${this.backend.name} back end or the face detector failed on a frame: ${String(cause)}. ` +
          'A graphics card that was reset does this: make a new recognizer.',
        { cause },
      );
    }
  }

  /** Frees weights and detector. Results of calls in flight still come. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#detector.dispose();
    this.#model.dispose();
  }

  /** Everything up to the first `await` reads the frame. */
  async #recognize(frame: Frame, timestampMs: number): Promise<RecognitionResult> {
    const start = performance.now();
    const size = frameSize(frame);
    const still = this.#still.take(frame, size);
    const [face] = this.#detector.detect(still);
    const detected = performance.now();
    const faces = face ? [await this.#read(still, face)] : [];
    const end = performance.now();
    return {
      faces,
      timestampMs,
      timings: {
        detectMs: detected - start,
        networkMs: face ? end - detected : 0,
        totalMs: end - start,
      },
      frame: size,
    };
  }

  async #read(frame: Frame, face: DetectedFace): Promise<FaceReading> {
    const [leftEye, rightEye] = face.keyPoints;
    const { labels, temperature, input, crop } = this.manifest;
    const transform = cropTransform(
      leftEye,
      rightEye,
      crop.eyes,
      input.size,
      crop.rollDeadBandDegrees,
    );
    activate(this.backend);
    drawFaceCrop(frame, transform, this.#crop);
    const logits = await this.#readLogits();
    if (!logits.every(Number.isFinite)) throw new RangeError(`the network gave ${logits.join()}`);
    const probabilities = softmax(logits, temperature);
    const scores = Object.fromEntries(labels.map((label, i) => [label, probabilities[i]!]));
    const emotion = labels[probabilities.indexOf(Math.max(...probabilities))]!;
    return {
      box: face.box,
      keyPoints: face.keyPoints,
      detectionScore: face.score,
      rollDegrees: rollDegrees(leftEye, rightEye),
      emotion,
      scores: scores as Record<Emotion, number>,
      logits,
    };
  }

  async #readLogits(): Promise<Float32Array> {
    const tensor = this.#readCrop();
    try {
      return Float32Array.from(await tensor.data<'float32'>());
    } finally {
      tensor.dispose();
    }
  }

  /** What the crop's canvas shows, through the network: [1,7]. */
  #readCrop(): tf.Tensor2D {
    // fromPixels takes an OffscreenCanvas, its types do not say so: the branch `isCanvasLike` in
    // https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/ops/browser.ts
    const canvas = this.#crop.canvas as unknown as HTMLCanvasElement;
    return tf.tidy(() => this.#model.predict(tf.browser.fromPixels(canvas)));
  }
}
