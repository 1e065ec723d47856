import * as tf from '@tensorflow/tfjs-core';
import { activate, graphicsDevice, type Backend } from '../backend.js';
import type { CropTransform } from '../face-crop.js';
import type { Classification, ClassMap, FaceNetwork } from '../face-network.js';
import type { Frame } from '../frame.js';
import type { ModelFiles } from '../model-files.js';
import { EmotionModel, readClassMap } from '../model.js';
import type { GoldenPicture, ModelManifest } from '../network/index.js';
import { FaceCropper } from './face-cropper.js';
import { KeptCrops } from './kept-crops.js';
import { PlanExecutor } from './plan-executor.js';
import { planNetwork } from './plan.js';
import { float16Storage } from './storage.js';

/** Difference of logits to the golden ones, relative to the largest of them. float16 makes up to 0.01. */
const SELF_TEST_TOLERANCE = 0.03;

/** The graphics card does not run the network, or not rightly. */
export class SelfTestError extends Error {
  override readonly name = 'SelfTestError';
}

/** The network as one plan on the graphics card that TensorFlow.js has opened. */
export class PlannedNetwork implements FaceNetwork {
  readonly backend: Backend;
  readonly manifest: ModelManifest;
  readonly readsVideoFrames: boolean = true;
  readonly #executor: PlanExecutor;
  readonly #cropper: FaceCropper;
  readonly #kept: KeptCrops;
  readonly #createModel: () => EmotionModel;
  /** The same network in layers, whose maps can be read; made when it is first asked to explain. */
  #model: EmotionModel | undefined;
  #isDisposed = false;

  private constructor(
    backend: Backend,
    executor: PlanExecutor,
    cropper: FaceCropper,
    device: GPUDevice,
    files: ModelFiles,
    bytes: Uint8Array,
  ) {
    this.backend = backend;
    this.manifest = files.manifest;
    this.#executor = executor;
    this.#cropper = cropper;
    this.#kept = new KeptCrops(device, executor.pixels.size);
    this.#createModel = () => new EmotionModel(files, bytes);
  }

  /**
   * Makes everything ready while the weights are loaded, and runs the model's test picture.
   *
   * @param loading - what `files.loadWeights` gives
   * @throws {SelfTestError} the logits are wrong, or there is no test picture, or the card lacks what
   *   the network needs
   * @throws what `loading` rejects with
   * @throws the signal's reason, if it is aborted
   */
  static async start(
    backend: Backend,
    files: ModelFiles,
    loading: Promise<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<PlannedNetwork> {
    const [golden, network] = await Promise.allSettled([
      files.loadGolden(),
      PlannedNetwork.#create(backend, files, loading),
    ]);
    try {
      signal?.throwIfAborted();
      await loading;
      if (network.status === 'rejected') throw unusable(network.reason);
      if (golden.status === 'rejected') throw unusable(golden.reason);
      await network.value.#test(golden.value);
      network.value.#executor.completion.measure().catch(() => undefined); // a lost device is told elsewhere
      signal?.throwIfAborted();
      return network.value;
    } catch (error) {
      if (network.status === 'fulfilled') network.value.dispose();
      throw error;
    }
  }

  static async #create(
    backend: Backend,
    files: ModelFiles,
    loading: Promise<Uint8Array>,
  ): Promise<PlannedNetwork> {
    const device = graphicsDevice();
    const { network, input } = files.manifest;
    const { tensors } = files.variant;
    const plan = planNetwork(network, input, float16Storage(device));
    const weights = loading.then((bytes) => ({ tensors, bytes }));
    const executor = await PlanExecutor.create(device, plan, weights);
    try {
      const { pixels } = executor;
      const cropper = await FaceCropper.create(device, { size: input.size, pixels });
      return new PlannedNetwork(backend, executor, cropper, device, files, await loading);
    } catch (error) {
      executor.dispose();
      throw error;
    }
  }

  // async, so that a frame that cannot be read rejects instead of throwing
  async classify(frame: Frame, transform: CropTransform, place = 0): Promise<Classification> {
    const startMs = performance.now();
    const crop = this.#cropper.cut(frame, transform);
    const cutMs = performance.now();
    const logits = this.#executor.run(crop, this.#kept.at(place));
    const submittedMs = performance.now();
    return { logits: await logits, cropMs: cutMs - startMs, networkMs: submittedMs - cutMs };
  }

  async explain(place: number, classIndex: number): Promise<ClassMap> {
    const { size } = this.manifest.input;
    const values = await this.#kept.read(place);
    if (this.#isDisposed) throw new Error('The network was freed meanwhile.');
    activate(this.backend);
    const model = (this.#model ??= this.#createModel());
    const map = tf.tidy(() => model.explain(tf.tensor3d(values, [size, size, 3]), classIndex));
    return readClassMap(map);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#model?.dispose();
    this.#kept.dispose();
    this.#cropper.dispose();
    this.#executor.dispose();
  }

  /** @throws {SelfTestError} */
  async #test({ size, pixels, logits }: GoldenPicture): Promise<void> {
    let computed: Float32Array;
    try {
      ({ logits: computed } = await this.classify(toImageData(pixels, size), UNTOUCHED));
    } catch (error) {
      throw unusable(error);
    }
    const largest = Math.max(...logits.map(Math.abs));
    const error = Math.max(...logits.map((z, i) => Math.abs(z - computed[i]!))) / largest;
    if (error <= SELF_TEST_TOLERANCE) return; // NaN is not
    throw new SelfTestError(
      `WebGPU computes wrongly here: on the model's test picture it is off by ${percent(error)}, ` +
        `expected at most ${percent(SELF_TEST_TOLERANCE)}.`,
    );
  }
}

/** The crop is the picture. */
const UNTOUCHED: CropTransform = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function unusable(cause: unknown): SelfTestError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SelfTestError(`WebGPU could not be tested: ${why}`, { cause });
}

/** @param pixels - RGB, [S,S,3] */
function toImageData(pixels: Uint8Array, size: number): ImageData {
  const picture = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    picture.data.set(pixels.subarray(3 * i, 3 * i + 3), 4 * i);
    picture.data[4 * i + 3] = 255;
  }
  return picture;
}
