import * as tf from '@tensorflow/tfjs-core';
import { activate, type Backend } from './backend.js';
import {
  createCropCanvas,
  drawFaceCrop,
  type CropCanvas,
  type CropTransform,
} from './face-crop.js';
import type { Classification, ClassMap, FaceNetwork } from './face-network.js';
import type { Frame } from './frame.js';
import type { ModelFiles } from './model-files.js';
import { EmotionModel, readClassMap } from './model.js';
import type { ModelManifest } from './network/manifest.js';

/** The network in TensorFlow.js's layers, on any of its back ends. */
export class LayeredNetwork implements FaceNetwork {
  readonly backend: Backend;
  readonly readsVideoFrames: boolean = false;
  readonly #model: EmotionModel;
  /** By the face's place in its frame; each keeps what was drawn last. */
  readonly #crops: CropCanvas[] = [];

  private constructor(backend: Backend, model: EmotionModel) {
    this.backend = backend;
    this.#model = model;
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
      const logits = network.#predict(pixelsOf(network.#cropAt(0)));
      await logits.data();
      logits.dispose();
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

  async classify(frame: Frame, transform: CropTransform, place = 0): Promise<Classification> {
    const startMs = performance.now();
    activate(this.backend);
    const crop = this.#cropAt(place);
    drawFaceCrop(frame, transform, crop);
    const pixels = pixelsOf(crop); // canvases may draw no sooner than they are read
    const croppedMs = performance.now();
    const logits = this.#predict(pixels);
    const predictedMs = performance.now();
    try {
      return {
        logits: Float32Array.from(await logits.data<'float32'>()),
        cropMs: croppedMs - startMs,
        networkMs: predictedMs - croppedMs,
      };
    } finally {
      logits.dispose();
    }
  }

  explain(place: number, classIndex: number): Promise<ClassMap> {
    activate(this.backend);
    const crop = this.#cropAt(place);
    return readClassMap(tf.tidy(() => this.#model.explain(pixelsOf(crop), classIndex)));
  }

  dispose(): void {
    this.#model.dispose();
  }

  #cropAt(place: number): CropCanvas {
    const { size } = this.manifest.input;
    return (this.#crops[place] ??= createCropCanvas(size, { isReadByCpu: true }));
  }

  /** @param pixels - [S,S,3]; disposed of here. Gives [1,7] */
  #predict(pixels: tf.Tensor3D): tf.Tensor2D {
    try {
      return this.#model.predict(pixels);
    } finally {
      pixels.dispose();
    }
  }
}

/** [S,S,3] */
function pixelsOf({ canvas }: CropCanvas): tf.Tensor3D {
  // fromPixels takes an OffscreenCanvas, its types do not say so: the branch `isCanvasLike` in
  // https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/ops/browser.ts
  return tf.browser.fromPixels(canvas as unknown as HTMLCanvasElement);
}
