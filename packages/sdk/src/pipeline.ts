import type { AssetUrls } from './assets.js';
import type { Backend } from './backend.js';
import type { FrameSize, Frame } from './frame.js';
import type { HeatMap } from './heat-map.js';
import type { ModelManifest } from './network/manifest.js';
import type { ResolvedOptions } from './recognizer-options.js';
import type { TrackedFace } from './tracker.js';

/** A face with what the network gave for it. */
export interface ClassifiedFace extends TrackedFace {
  /** In the order of `manifest.labels`, before temperature and softmax. */
  readonly logits: Float32Array;
}

/**
 * How long the parts of the work on a frame took, of all its faces together. What is missing to
 * `totalMs` are the way to a worker and back, and the wait for frames before it.
 */
export interface FrameTimings {
  /** Reading the frame and finding faces; little where they are moved on, see `detectionIntervalMs`. */
  readonly detectMs: number;
  /** Cutting the faces out. On WebGPU this records it, and the graphics card does it later. */
  readonly cropMs: number;
  /** Running the network. On WebGPU this hands it over to the graphics card. */
  readonly networkMs: number;
  /**
   * Until all numbers were there. On WebGPU the wait for the graphics card: it cuts out and computes
   * meanwhile. Next to 0 elsewhere.
   */
  readonly readbackMs: number;
  /** From the call to the result. */
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

/** How a pipeline is made: plain data, which can be posted to a worker. */
export interface PipelineSettings extends Pick<
  ResolvedOptions,
  | 'backend'
  | 'mode'
  | 'maxFaces'
  | 'minDetectionConfidence'
  | 'detectionIntervalMs'
  | 'cache'
  | 'tuning'
> {
  /** Of all files, absolute; a URL object cannot be posted. */
  readonly urls: Readonly<Record<keyof AssetUrls, string>>;
  /**
   * When the model at `urls.liteModel` is taken: `'without-gpu'`, where the network cannot run on a
   * graphics card. Where there is none, the other one is taken all the same.
   */
  readonly takesLite: 'never' | 'without-gpu' | 'always';
}

/** How long the stages took until a pipeline was ready, one after the other. */
export interface StageTimings {
  /** Until the worker's script ran; 0 in the page's own thread. */
  readonly threadMs: number;
  /** Until the network's back end was there. */
  readonly backendMs: number;
  /** Until all weights were there, from the network or from an earlier visit. */
  readonly loadMs: number;
  /** Until detector and network had run once. */
  readonly warmUpMs: number;
}

/** What the maker of a pipeline is told, and how it gives up. */
export type PipelineHooks = Pick<ResolvedOptions, 'onProgress' | 'signal'>;

/** Why a pipeline cannot work any more; a new one can. */
export interface PipelineLoss {
  /**
   * `gpu-lost`: the graphics device the network ran on; `detector-lost`: the WebGL context that the
   * face detector reads frames with; `worker-failed`: the thread; `frame-failed`: a frame failed in a
   * way that should not be.
   */
  readonly cause: 'gpu-lost' | 'detector-lost' | 'worker-failed' | 'frame-failed';
  /** What the browser said of it. */
  readonly message: string;
}

/** From a frame to the logits of its faces, in the page's own thread or in a worker. */
export interface Pipeline {
  /** Where the network runs, and why there. */
  readonly backend: Backend;
  /** The model's labels, input size, metrics and terms. */
  readonly manifest: ModelManifest;
  /** How many tensors TensorFlow.js holds in the pipeline's thread; the same after every frame. */
  readonly numTensors: number;
  /** The model is that at `urls.liteModel`. */
  readonly isLite: boolean;
  readonly stages: StageTimings;
  /** Resolves if the pipeline cannot work any more. */
  readonly lost: Promise<PipelineLoss>;

  /**
   * Finds the faces of a frame and runs the network on the largest of them.
   *
   * The frame is read before the promise is returned. Calls may overlap; faces are followed in the
   * order of the calls.
   *
   * @throws {EmotionCamError} `frame-empty`, `frame-unreadable`
   * @throws what should not be: the pipeline may be lost, or will turn out to be
   */
  process(frame: Frame, timestampMs: number): Promise<ClassifiedFrame>;

  /**
   * Where the newest frame that `process` was called with speaks for an expression.
   *
   * @param faceId - of a face that was read in it
   * @param classIndex - into `manifest.labels`
   * @throws {EmotionCamError} `face-unknown`, `worker-failed`
   */
  explain(faceId: number, classIndex: number): Promise<HeatMap>;

  /** Frees weights and detector. Results of calls in flight still come. */
  dispose(): void;
}
