import { startBackend, type Backend, type BackendOptions } from './backend.js';
import type { CropTransform } from './face-crop.js';
import type { Frame } from './frame.js';
import { LayeredNetwork } from './layered-network.js';
import { ModelFiles, type ModelOptions } from './model-files.js';
import type { ModelManifest } from './network/manifest.js';
import type { PlannedOptions } from './webgpu/planned-network.js';
import { SelfTestError } from './webgpu/self-test.js';

/** What speaks for a class in a crop. */
export interface ClassMap {
  /** Row by row, 0..1. */
  readonly values: Float32Array;
  /** Places along a row. */
  readonly width: number;
  readonly height: number;
}

/** What the network says of a face, and how long the parts of it took that the thread itself does. */
export interface Classification {
  /** [7], in the order of `manifest.labels`. */
  readonly logits: Float32Array;
  /** As in `FrameTimings`. */
  readonly cropMs: number;
  readonly networkMs: number;
}

/** The network, ready to run on the faces of frames. */
export interface FaceNetwork {
  /** Where it runs, and why there. */
  readonly backend: Backend;
  /** The model's labels, input size, metrics and terms. */
  readonly manifest: ModelManifest;
  /** It reads a `VideoFrame` where it lies; otherwise a copy of it is read better and sooner. */
  readonly readsVideoFrames: boolean;
  /**
   * Reads one face. The frame is read before the promise is returned; calls may overlap.
   *
   * @param transform - from the frame to the crop that the network was trained on
   * @param place - of the face among those of its frame, from 0, the default. The crop of each is kept until the
   *   next call with the same place, for `explain`
   */
  classify(frame: Frame, transform: CropTransform, place?: number): Promise<Classification>;
  /**
   * Grad-CAM of the newest crop of a place. The crop is read before the promise is returned.
   *
   * @param classIndex - into `manifest.labels`
   */
  explain(place: number, classIndex: number): Promise<ClassMap>;
  /** Frees the weights. Results of calls in flight still come. */
  dispose(): void;
}

/**
 * Loads the network and runs it once. On WebGPU that run is a test: graphics drivers and browsers have
 * compiled shaders wrongly, without any error. One that fails is taken for no WebGPU at all.
 *
 * @param backend - that `startBackend` has started with the same options
 * @throws {EmotionCamError} `backend-unavailable`, `asset-unreachable`, `manifest-…`, `weights-…`
 * @throws the signal's reason, if it is aborted
 */
export async function startFaceNetwork(
  backend: Backend,
  model: string | URL,
  options: ModelOptions & BackendOptions & PlannedOptions,
): Promise<FaceNetwork> {
  const { signal, cache = true, tuning = true } = options;
  const isTuned = cache && tuning; // what is found out is kept in the same storage
  const files = await ModelFiles.open(model, options);
  const loading = files.loadWeights();
  loading.then(options.onLoaded, () => undefined); // it is waited for after other things
  if (backend.name !== 'webgpu') return LayeredNetwork.start(backend, files, await loading, signal);
  // Loaded only here: a page that computes elsewhere fetches no shaders.
  const { PlannedNetwork } = await import('./webgpu/planned-network.js');
  try {
    return await PlannedNetwork.start(backend, files, loading, { ...options, tuning: isTuned });
  } catch (error) {
    if (!(error instanceof SelfTestError)) throw error;
    const other = await startBackend({ ...options, refused: { webgpu: error.message } });
    return LayeredNetwork.start(other, files, await loading, signal);
  }
}
