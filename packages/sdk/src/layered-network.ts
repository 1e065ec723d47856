import * as tf from '@tensorflow/tfjs-core';
import { activate, type Backend } from './backend.js';
import {
  createCropCanvas,
  drawFaceCrop,
  type CropCanvas,
  type CropTransform,
} from './face-crop.js';
import type { FaceNetwork } from './face-network.js';
import type { Frame } from './frame.js';
import type { ModelFiles } from './model-files.js';
import { EmotionModel } from './model.js';
import type { ModelManifest } from './network/index.js';

/** The network in TensorFlow.js's layers, on any of its back ends. */
export class LayeredNetwork implements FaceNetwork {
  readonly backend: Backend;
  readonly #model: EmotionModel;
  readonly #crop: CropCanvas;

  private constructor(backend: Backend, model: EmotionModel) {
    this.backend = backend;
    this.#model = model;
    this.#crop = createCropCanvas(model.manifest.input.size, { isReadByCpu: true });
  }

  /**
   * Puts the weights into the back end and runs once, so that the first face is as quick as the others.
   *
   * @param bytes - of all weights, as `files.loadWeights` gives them
   * @throws {EmotionCamError} `weights-truncated`
   * @throws the signal's reason, if it is aborted
   */
  static async start(
    backend: Backend,
    files: ModelFiles,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<LayeredNetwork> {
    activate(backend);
    const network = new LayeredNetwork(backend, new EmotionModel(files, bytes));
    try {
      await network.#readCrop();
      signal?.throwIfAborted();
      return network;
    } catch (error) {
      network.dispose();
      throw error;
    }
  }

  get manifest(): ModelManifest {
    return this.#model.manifest;
  }

  classify(frame: Frame, transform: CropTransform): Promise<Float32Array> {
    drawFaceCrop(frame, transform, this.#crop);
    return this.#readCrop();
  }

  dispose(): void {
    this.#model.dispose();
  }

  /** What the crop's canvas shows, through the network. */
  async #readCrop(): Promise<Float32Array> {
    activate(this.backend);
    // fromPixels takes an OffscreenCanvas, its types do not say so: the branch `isCanvasLike` in
    // https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/ops/browser.ts
    const canvas = this.#crop.canvas as unknown as HTMLCanvasElement;
    const logits = tf.tidy(() => this.#model.predict(tf.browser.fromPixels(canvas))); // [1,7]
    try {
      return Float32Array.from(await logits.data<'float32'>());
    } finally {
      logits.dispose();
    }
  }
}
