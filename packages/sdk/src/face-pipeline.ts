import * as tf from '@tensorflow/tfjs-core';
import { graphicsDevice, startBackend, type Backend } from './backend.js';
import { createCropCanvas, cropTransform, type CropTransform } from './face-crop.js';
import { EmotionCamError } from './errors.js';
import { faceUnknown } from './explanation.js';
import { FaceDetector } from './face-detector.js';
import { startFaceNetwork, type Classification, type FaceNetwork } from './face-network.js';
import { frameSize, unreadableFrame, type Frame, type FrameSize } from './frame.js';
import type { HeatMap } from './heat-map.js';
import type { ModelManifest } from './network/manifest.js';
import type {
  ClassifiedFrame,
  Pipeline,
  PipelineHooks,
  PipelineLoss,
  PipelineSettings,
  StageTimings,
} from './pipeline.js';
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

/** The network, and which of the two. */
interface StartedNetwork {
  readonly network: FaceNetwork;
  readonly isLite: boolean;
  dispose(): void;
}

/** Starts the model that fits the back end. */
async function startNetwork(
  backend: Backend,
  { takesLite, urls }: PipelineSettings,
  options: Parameters<typeof startFaceNetwork>[2],
): Promise<StartedNetwork> {
  const start = async (model: string): Promise<StartedNetwork> => {
    const network = await startFaceNetwork(backend, model, options);
    return { network, isLite: model === urls.liteModel, dispose: () => network.dispose() };
  };
  const isLiteWanted =
    takesLite === 'always' || (takesLite === 'without-gpu' && backend.name !== 'webgpu');
  if (!isLiteWanted) return start(urls.model);
  try {
    return await start(urls.liteModel);
  } catch (error) {
    // Some servers answer with a page of their own where a file is missing.
    const codes = ['manifest-missing', 'manifest-invalid'];
    if (error instanceof EmotionCamError && codes.includes(error.code)) return start(urls.model);
    throw error;
  }
}

/** A face of the newest frame, whose crop the network keeps; its place is that in the list. */
interface CroppedFace {
  readonly id: number;
  readonly toCrop: CropTransform;
}

/** Detector, tracker, crop and network in the thread that it is made in. */
export class FacePipeline implements Pipeline {
  readonly isLite: boolean;
  readonly lost: Promise<PipelineLoss>;
  readonly stages: StageTimings;
  readonly #detector: FaceDetector;
  readonly #network: FaceNetwork;
  readonly #maxFaces: number;
  readonly #detectionIntervalMs: number;
  /** None where every frame stands for itself. */
  readonly #tracker: FaceTracker | undefined;
  #newest: { readonly faces: readonly CroppedFace[]; readonly timestampMs: number } | undefined;
  readonly #still: Still;
  #lastSize: FrameSize | undefined;
  /** When the frame was shown that faces were looked for in last. */
  #detectedAtMs = -Infinity;

  private constructor(
    detector: FaceDetector,
    { network, isLite }: StartedNetwork,
    stages: StageTimings,
    { mode, maxFaces, detectionIntervalMs }: PipelineSettings,
  ) {
    this.isLite = isLite;
    this.stages = stages;
    this.lost = whenLost(network.backend, detector);
    this.#detector = detector;
    this.#network = network;
    this.#still = new Still(network.readsVideoFrames);
    this.#maxFaces = maxFaces;
    this.#detectionIntervalMs = detectionIntervalMs;
    this.#tracker = mode === 'video' ? new FaceTracker() : undefined;
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
    const { minDetectionConfidence, cache, tuning } = settings;
    const start = performance.now();
    const urls = {
      faceDetector: new URL(settings.urls.faceDetector),
      mediapipe: new URL(settings.urls.mediapipe),
      tfjsWasm: new URL(settings.urls.tfjsWasm),
    };
    const backendOptions = { backend: settings.backend, tfjsWasm: urls.tfjsWasm };
    const backend = await startBackend({ ...backendOptions, signal });
    const started = performance.now();
    let loaded = started;
    const onLoaded = (): void => {
      loaded = performance.now();
    };
    const [detector, network] = await loadBoth(
      (both) => FaceDetector.create({ urls, minDetectionConfidence, signal: both }),
      (both) =>
        startNetwork(backend, settings, {
          ...backendOptions,
          ...{ onProgress, onLoaded, cache, tuning, signal: both },
        }),
      signal,
    );
    try {
      detector.detect(createCropCanvas(64, { isReadByCpu: true }).canvas);
      signal?.throwIfAborted();
    } catch (error) {
      detector.dispose();
      network.dispose();
      throw error;
    }
    const stages = {
      threadMs: 0,
      backendMs: started - start,
      loadMs: loaded - started,
      warmUpMs: performance.now() - loaded,
    };
    return new FacePipeline(detector, network, stages, settings);
  }

  get backend(): Backend {
    return this.#network.backend;
  }

  get manifest(): ModelManifest {
    return this.#network.manifest;
  }

  get numTensors(): number {
    return tf.memory().numTensors;
  }

  async process(frame: Frame, timestampMs: number): Promise<ClassifiedFrame> {
    const start = performance.now();
    const size = frameSize(frame);
    let faces: TrackedFace[];
    let detected: number;
    let classifying: Promise<Classification>[];
    try {
      const still = this.#still.take(frame, size);
      faces = this.#findFaces(still, timestampMs, size).slice(0, this.#maxFaces);
      detected = performance.now();
      const cropped = faces.map((face) => ({ id: face.id, toCrop: this.#toCrop(face) }));
      this.#newest = { faces: cropped, timestampMs };
      classifying = cropped.map(({ toCrop }, place) =>
        this.#network.classify(still, toCrop, place),
      );
    } catch (error) {
      throw unreadableFrame(error) ?? error;
    } finally {
      this.#still.release(); // it was read
    }
    const classified = await Promise.all(classifying);
    const end = performance.now();
    const cropMs = sum(classified.map((one) => one.cropMs));
    const networkMs = sum(classified.map((one) => one.networkMs));
    // The thread did the crops and the network of all faces first: what is left is the wait.
    const readbackMs = faces.length > 0 ? Math.max(0, end - detected - cropMs - networkMs) : 0;
    return {
      faces: faces.map((face, place) => ({ ...face, logits: finite(classified[place]!.logits) })),
      timestampMs,
      timings: {
        ...{ detectMs: detected - start, cropMs, networkMs, readbackMs },
        totalMs: end - start,
      },
      frame: size,
    };
  }

  async explain(faceId: number, classIndex: number): Promise<HeatMap> {
    const { faces = [], timestampMs } = this.#newest ?? {};
    const place = faces.findIndex(({ id }) => id === faceId);
    if (place < 0 || timestampMs === undefined) {
      throw faceUnknown(faceId, this.#newest && faces.map(({ id }) => id));
    }
    const { toCrop } = faces[place]!;
    const map = await this.#network.explain(place, classIndex);
    finite(map.values);
    return { ...map, timestampMs, toCrop, cropSize: this.manifest.input.size };
  }

  dispose(): void {
    this.#detector.dispose();
    this.#network.dispose();
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

  /** From the frame to the crop of a face. */
  #toCrop({ keyPoints: [leftEye, rightEye] }: TrackedFace): CropTransform {
    const { input, crop } = this.manifest;
    return cropTransform(leftEye, rightEye, crop.eyes, input.size, crop.rollDeadBandDegrees);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** @throws {RangeError} one of them is not a number */
function finite(values: Float32Array): Float32Array {
  if (!values.every(Number.isFinite)) throw new RangeError(`the network gave ${values.join()}`);
  return values;
}

/** Resolves when the graphics device or the detector's WebGL context is gone. */
function whenLost({ name }: Backend, { lost }: FaceDetector): Promise<PipelineLoss> {
  const detector = lost.then(() => ({
    cause: 'detector-lost' as const,
    message: 'the WebGL context of the face detector was lost',
  }));
  if (name !== 'webgpu') return detector;
  const device = graphicsDevice().lost.then(({ message, reason }) => ({
    cause: 'gpu-lost' as const,
    message: `the graphics device was lost (${message || reason})`,
  }));
  return Promise.race([device, detector]);
}
