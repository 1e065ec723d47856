import * as tf from '@tensorflow/tfjs-core';
import { assetUrls, manifestUrl } from './assets.js';
import { activate, startBackend, warmUp, type Backend } from './backend.js';
import { createCropCanvas, cropTransform, drawFaceCrop, type CropCanvas } from './face-crop.js';
import { FaceDetector, type DetectedFace } from './face-detector.js';
import { frameSize, type Frame, type FrameSize } from './frame.js';
import { EmotionModel } from './model.js';
import type { ModelManifest } from './network/index.js';
import type { ResolvedOptions } from './recognizer-options.js';
import { Still } from './still.js';
import { FaceTracker, type TrackedFace } from './tracker.js';

/** A face with what the network gave for it. */
export interface ClassifiedFace extends TrackedFace {
  /** In the order of `manifest.labels`, before temperature and softmax. */
  readonly logits: Float32Array;
}

/** How long the parts of the work on a frame took. */
export interface FrameTimings {
  readonly detectMs: number;
  /** From the first crop to the last logits; 0 without a face. */
  readonly networkMs: number;
  readonly totalMs: number;
}

/** What was found in one frame. */
export interface ClassifiedFrame {
  /** The largest first. */
  readonly faces: readonly ClassifiedFace[];
  readonly timestampMs: number;
  readonly timings: FrameTimings;
  /** Size of the frame in pixels. */
  readonly frame: FrameSize;
}

/**
 * Pipelines are made one after the other: TensorFlow.js has one current back end, and MediaPipe hands
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

/** From a frame to the logits of its faces: detector, tracker, crop and network. */
export class FacePipeline {
  /** Where the network runs, and why there. */
  readonly backend: Backend;
  readonly #detector: FaceDetector;
  readonly #model: EmotionModel;
  readonly #maxFaces: number;
  /** None where every frame stands for itself. */
  readonly #tracker: FaceTracker | undefined;
  readonly #crop: CropCanvas;
  readonly #still: Still = new Still();
  #lastSize: FrameSize | undefined;

  private constructor(
    backend: Backend,
    detector: FaceDetector,
    model: EmotionModel,
    { mode, maxFaces }: ResolvedOptions,
  ) {
    this.backend = backend;
    this.#detector = detector;
    this.#model = model;
    this.#maxFaces = maxFaces;
    this.#tracker = mode === 'video' ? new FaceTracker() : undefined;
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
  static create(options: ResolvedOptions): Promise<FacePipeline> {
    const creation = lastCreation.then(() => FacePipeline.#create(options));
    lastCreation = creation.catch(() => undefined);
    return creation;
  }

  static async #create(options: ResolvedOptions): Promise<FacePipeline> {
    const { signal, minDetectionConfidence, onProgress, cache } = options;
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
      (both) => EmotionModel.load(modelUrl, { onProgress, cache, signal: both }),
      signal,
    );
    const pipeline = new FacePipeline(backend, detector, model, options);
    try {
      detector.detect(createCropCanvas(64, { isReadByCpu: true }).canvas);
      await warmUp(backend, () => pipeline.#readCrop());
      signal?.throwIfAborted();
    } catch (error) {
      pipeline.dispose();
      throw error;
    }
    return pipeline;
  }

  /** The model's labels, input size, metrics and terms. */
  get manifest(): ModelManifest {
    return this.#model.manifest;
  }

  /** How many tensors TensorFlow.js holds here; the same after every frame. */
  get numTensors(): number {
    return tf.memory().numTensors;
  }

  /**
   * Finds the faces of a frame and runs the network on the largest of them.
   *
   * The frame is read before the promise is returned. Calls may overlap; faces are followed in the
   * order of the calls.
   *
   * @throws {EmotionCamError} `frame-empty`
   */
  async process(frame: Frame, timestampMs: number): Promise<ClassifiedFrame> {
    const start = performance.now();
    const size = frameSize(frame);
    const still = this.#still.take(frame, size);
    const faces = this.#follow(this.#detector.detect(still), timestampMs, size);
    const detected = performance.now();
    const outputs = faces.map((face) => this.#classify(still, face));
    const classified = await Promise.all(
      faces.map(async (face, i) => ({ ...face, logits: await readLogits(outputs[i]!) })),
    );
    const end = performance.now();
    return {
      faces: classified,
      timestampMs,
      timings: {
        detectMs: detected - start,
        networkMs: faces.length > 0 ? end - detected : 0,
        totalMs: end - start,
      },
      frame: size,
    };
  }

  /** Frees weights and detector. Results of calls in flight still come. */
  dispose(): void {
    this.#detector.dispose();
    this.#model.dispose();
  }

  /** The faces to be classified, with their numbers. */
  #follow(faces: readonly DetectedFace[], timestampMs: number, size: FrameSize): TrackedFace[] {
    if (!this.#tracker) {
      return faces.slice(0, this.#maxFaces).map((face, i) => ({ ...face, id: i + 1 }));
    }
    // In frames of another size the same pixels are another place.
    const { width, height } = (this.#lastSize ??= size);
    if (size.width !== width || size.height !== height) this.#tracker.reset();
    this.#lastSize = size;
    return this.#tracker.update(faces, timestampMs).slice(0, this.#maxFaces);
  }

  /** The logits of a face, [1,7], as soon as they are computed. */
  #classify(frame: Frame, { keyPoints: [leftEye, rightEye] }: DetectedFace): tf.Tensor2D {
    const { input, crop } = this.manifest;
    const { eyes, rollDeadBandDegrees } = crop;
    const transform = cropTransform(leftEye, rightEye, eyes, input.size, rollDeadBandDegrees);
    activate(this.backend);
    drawFaceCrop(frame, transform, this.#crop);
    return this.#readCrop();
  }

  /** What the crop's canvas shows, through the network: [1,7]. */
  #readCrop(): tf.Tensor2D {
    // fromPixels takes an OffscreenCanvas, its types do not say so: the branch `isCanvasLike` in
    // https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/ops/browser.ts
    const canvas = this.#crop.canvas as unknown as HTMLCanvasElement;
    return tf.tidy(() => this.#model.predict(tf.browser.fromPixels(canvas)));
  }
}

/** Waits for the values of a tensor and frees it. */
async function readLogits(tensor: tf.Tensor2D): Promise<Float32Array> {
  try {
    const logits = Float32Array.from(await tensor.data<'float32'>());
    if (!logits.every(Number.isFinite)) throw new RangeError(`the network gave ${logits.join()}`);
    return logits;
  } finally {
    tensor.dispose();
  }
}
