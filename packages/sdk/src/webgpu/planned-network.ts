import * as tf from '@tensorflow/tfjs-core';
import { activate, graphicsDevice, type Backend } from '../backend.js';
import type { CropTransform } from '../face-crop.js';
import type { Classification, ClassMap, FaceNetwork } from '../face-network.js';
import type { Frame } from '../frame.js';
import type { ModelFiles } from '../model-files.js';
import { EmotionModel, readClassMap } from '../model.js';
import type { GoldenPicture } from '../network/golden.js';
import type { ModelManifest } from '../network/manifest.js';
import { FaceCropper } from './face-cropper.js';
import { Idleness } from './idleness.js';
import { KeptCrops } from './kept-crops.js';
import { PlanExecutor } from './plan-executor.js';
import { planNetwork } from './plan.js';
import { selfTest, SelfTestError, unusable } from './self-test.js';
import { float16Storage } from './storage.js';
import { TilingMemory } from './tiling-memory.js';
import { chooseTiling, type ConvolutionShape, type TilingChoice } from './tiling.js';
import { convolutionShapes, timeMissing } from './time-tilings.js';

/** Kernels are timed so long after the start: the first frames have other things to wait for. */
const TUNING_DELAY_MS = 3000;

/** How a {@link PlannedNetwork} is started. */
export interface PlannedOptions {
  /**
   * Times variants of the kernels on this graphics card while it is idle, remembers the fastest in Cache
   * storage, and takes those from there. Not on adapters that run on the CPU. Default: `true`.
   */
  readonly tuning?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The network as one plan on the graphics card that TensorFlow.js has opened. */
export class PlannedNetwork implements FaceNetwork {
  readonly backend: Backend;
  readonly manifest: ModelManifest;
  readonly readsVideoFrames: boolean = true;
  readonly #device: GPUDevice;
  readonly #executor: PlanExecutor;
  readonly #cropper: FaceCropper;
  readonly #kept: KeptCrops;
  readonly #createModel: () => EmotionModel;
  /** The same network in layers, whose maps can be read; made when it is first asked to explain. */
  #model: EmotionModel | undefined;
  readonly #idleness: Idleness = new Idleness();
  /** Over when it is disposed of or its device is lost. */
  readonly #lifetime: AbortController = new AbortController();

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
    this.#device = device;
    void device.lost.then(({ message }) => {
      this.#lifetime.abort(new Error(`The graphics device was lost: ${message}`));
    });
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
    { tuning = true, signal }: PlannedOptions = {},
  ): Promise<PlannedNetwork> {
    const golden = files.loadGolden();
    golden.catch(() => undefined); // it is waited for after other things
    const { network: config } = files.manifest;
    const device = graphicsDevice();
    const storage = float16Storage(device);
    const info = tuning ? tunableAdapter(device) : undefined;
    const shapes = info ? plannedShapes(config, storage) : [];
    const memory = info && (await TilingMemory.open(info, storage, shapes));
    const start = (choose: TilingChoice): Promise<PlannedNetwork> =>
      PlannedNetwork.#startTested(backend, files, { loading, golden, choose, signal });
    let started: PlannedNetwork;
    try {
      started = await start((shape) => memory?.choose(shape) ?? chooseTiling(shape));
    } catch (error) {
      if (!memory || !shapes.some((shape) => memory.has(shape))) throw error;
      if (!(error instanceof SelfTestError)) throw error;
      // The usual ones may still be computed rightly; then they are what is remembered.
      started = await start(chooseTiling);
      await memory.remember(shapes.map((shape) => [shape, chooseTiling(shape)]));
    }
    const network = started;
    if (memory) {
      setTimeout(() => void network.#tune(memory).catch(() => undefined), TUNING_DELAY_MS);
    }
    return network;
  }

  static async #startTested(
    backend: Backend,
    files: ModelFiles,
    {
      loading,
      golden,
      choose,
      signal,
    }: {
      readonly loading: Promise<Uint8Array>;
      readonly golden: Promise<GoldenPicture>;
      readonly choose: TilingChoice;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<PlannedNetwork> {
    const [picture, network] = await Promise.allSettled([
      golden,
      PlannedNetwork.#create(backend, files, loading, choose),
    ]);
    try {
      signal?.throwIfAborted();
      await loading;
      if (network.status === 'rejected') throw unusable(network.reason);
      if (picture.status === 'rejected') throw unusable(picture.reason);
      await selfTest(network.value, picture.value);
      await network.value.#executor.completion.measure().catch((error: unknown) => {
        throw unusable(error); // its device was lost
      });
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
    choose: TilingChoice,
  ): Promise<PlannedNetwork> {
    const device = graphicsDevice();
    const { network, input } = files.manifest;
    const { tensors } = files.variant;
    const plan = planNetwork(network, input, float16Storage(device), choose);
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
    const logits = this.#idleness.during(this.#executor.run(crop, this.#kept.at(place)));
    const submittedMs = performance.now();
    return { logits: await logits, cropMs: cutMs - startMs, networkMs: submittedMs - cutMs };
  }

  async explain(place: number, classIndex: number): Promise<ClassMap> {
    const { size } = this.manifest.input;
    const values = await this.#kept.read(place);
    this.#lifetime.signal.throwIfAborted();
    activate(this.backend);
    const model = (this.#model ??= this.#createModel());
    const map = tf.tidy(() => model.explain(tf.tensor3d(values, [size, size, 3]), classIndex));
    return readClassMap(map);
  }

  dispose(): void {
    this.#lifetime.abort(new Error('The network was freed meanwhile.'));
    this.#model?.dispose();
    this.#kept.dispose();
    this.#cropper.dispose();
    this.#executor.dispose();
  }

  /** Fills what the memory lacks; a later start takes it from there. */
  #tune(memory: TilingMemory): Promise<void> {
    return timeMissing(this.manifest.network, memory, {
      device: this.#device,
      completion: this.#executor.completion,
      storage: float16Storage(this.#device),
      whenIdle: () => this.#idleness.when(this.#lifetime.signal),
    });
  }
}

/** @throws {SelfTestError} the plan does not provide for this network */
function plannedShapes(...args: Parameters<typeof convolutionShapes>): ConvolutionShape[] {
  try {
    return convolutionShapes(...args);
  } catch (error) {
    throw unusable(error);
  }
}

/** The adapter, if timing kernels on it is of use: it has a name, and does not run on the CPU. */
function tunableAdapter(device: GPUDevice): GPUAdapterInfo | undefined {
  const info = device.adapterInfo as GPUAdapterInfo | undefined; // not in every browser
  if (!info || info.isFallbackAdapter) return undefined;
  const isSoftware = /swiftshader|llvmpipe|lavapipe/i.test(info.architecture + info.description);
  return isSoftware ? undefined : info;
}
