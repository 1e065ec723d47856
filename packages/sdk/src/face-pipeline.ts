import * as tf from '@tensorflow/tfjs-core';
import { activate, startBackend, warmUp, type Backend } from './backend.js';
import { createCropCanvas, cropTransform, drawFaceCrop, type CropCanvas } from './face-crop.js';
import { FaceDetector, type DetectedFace } from './face-detector.js';
import { frameSize, type Frame, type FrameSize } from './frame.js';
import { EmotionModel } from './model.js';
import type { ModelManifest } from './network/index.js';
import type { ClassifiedFrame, Pipeline, PipelineHooks, PipelineSettings } from './pipeline.js';
import { Still } from './still.js';
import { FaceTracker, type TrackedFace } from './tracker.js';

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

/** Detector, tracker, crop and network in the thread that it is made in. */
export class FacePipeline implements Pipeline {
  readonly backend: Backend;
  readonly #detector: FaceDetector;
  readonly #model: EmotionModel;
  readonly #maxFaces: number;
  readonly #detectionIntervalMs: number;
  /** None where every frame stands for itself. */
  readonly #tracker: FaceTracker | undefined;
  readonly #crop: CropCanvas;
  readonly #still: Still = new Still();
  #lastSize: FrameSize | undefined;
  /** When the frame was shown that faces were looked for in last. */
  #detectedAtMs = -Infinity;

  private constructor(
    backend: Backend,
    detector: FaceDetector,
    model: EmotionModel,
    { mode, maxFaces, detectionIntervalMs }: PipelineSettings,
  ) {
    this.backend = backend;
    this.#detector = detector;
    this.#model = model;
    this.#maxFaces = maxFaces;
    this.#detectionIntervalMs = detectionIntervalMs;
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
  static create(settings: PipelineSettings, hooks: PipelineHooks = {}): Promise<FacePipeline> {
    const creation = lastCreation.then(() => FacePipeline.#create(settings, hooks));
    lastCreation = creation.catch(() => undefined);
    return creation;
  }

  static async #create(
    settings: PipelineSettings,
    { onProgress, signal }: PipelineHooks,
  ): Promise<FacePipeline> {
    signal?.throwIfAborted();
    const { minDetectionConfidence, cache } = settings;
    const urls = {
      faceDetector: new URL(settings.urls.faceDetector),
      mediapipe: new URL(settings.urls.mediapipe),
      tfjsWasm: new URL(settings.urls.tfjsWasm),
    };
    const backend = await startBackend({
      backend: settings.backend,
      tfjsWasm: urls.tfjsWasm,
      signal,
    });
    const [detector, model] = await loadBoth(
      (both) => FaceDetector.create({ urls, minDetectionConfidence, signal: both }),
      (both) => EmotionModel.load(settings.urls.model, { onProgress, cache, signal: both }),
      signal,
    );
    const pipeline = new FacePipeline(backend, detector, model, settings);
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

  get manifest(): ModelManifest {
    return this.#model.manifest;
  }

  get numTensors(): number {
    return tf.memory().numTensors;
  }

  async process(frame: Frame, timestampMs: number): Promise<ClassifiedFrame> {
    const start = performance.now();
    const size = frameSize(frame);
    const still = this.#still.take(frame, size);
    const faces = this.#findFaces(still, timestampMs, size).slice(0, this.#maxFaces);
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

  dispose(): void {
    this.#detector.dispose();
    this.#model.dispose();
  }

  /** All faces with their numbers; looks for them, or moves on those that it saw a moment ago. */
  #findFaces(still: Frame, timestampMs: number, size: FrameSize): TrackedFace[] {
    const tracker = this.#tracker;
    if (!tracker) return this.#detector.detect(still).map((face, i) => ({ ...face, id: i + 1 }));
    // In frames of another size the same pixels are another place.
    const { width, height } = (this.#lastSize ??= size);
    if (size.width !== width || size.height !== height) tracker.reset();
    this.#lastSize = size;
    const elapsedMs = timestampMs - this.#detectedAtMs;
    if (elapsedMs >= 0 && elapsedMs < this.#detectionIntervalMs) {
      const faces = tracker.predict(timestampMs);
      if (faces.length > 0) return faces;
    }
    this.#detectedAtMs = timestampMs;
    return tracker.update(this.#detector.detect(still), timestampMs);
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
