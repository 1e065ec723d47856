import * as tf from '@tensorflow/tfjs-core';
import type { ClassMap } from './face-network.js';
import { ModelFiles, type ModelOptions } from './model-files.js';
import {
  decodeWeights,
  forward,
  gradCam,
  infer,
  inferenceLayers,
  type ModelManifest,
  type Weights,
} from './network/index.js';

/** FDRL-ECANet with stored weights: pixels in, logits out. */
export class EmotionModel {
  readonly manifest: ModelManifest;
  readonly #weights: Weights;
  readonly #mean: tf.Tensor;
  readonly #std: tf.Tensor;

  /**
   * Puts a model into TensorFlow.js's current back end.
   *
   * @param bytes - of all weights, as `files.loadWeights` gives them
   * @throws {EmotionCamError} `weights-truncated`
   */
  constructor({ manifest, variant }: ModelFiles, bytes: Uint8Array) {
    const weights = decodeWeights(variant, bytes);
    this.manifest = manifest;
    this.#weights = Object.fromEntries(
      weights.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])]),
    );
    this.#mean = tf.tensor1d(manifest.input.mean.map((value) => value * 255));
    this.#std = tf.tensor1d(manifest.input.std.map((value) => value * 255));
  }

  /**
   * Loads a model and puts it into TensorFlow.js's current back end.
   *
   * @param url - the model's folder or its manifest; relative to the page
   * @throws {EmotionCamError} of {@link ModelFiles}: `manifest-…`, `weights-…`
   * @throws the signal's reason, if it is aborted
   */
  static async load(url: string | URL, options: ModelOptions = {}): Promise<EmotionModel> {
    const files = await ModelFiles.open(url, options);
    return new EmotionModel(files, await files.loadWeights());
  }

  /**
   * Logits of pictures of faces that were cropped as `manifest.crop` says.
   *
   * @param pixels - RGB, 0..255, [S,S,3] or [N,S,S,3] with S = `manifest.input.size`
   * @returns [N,7] in the order of `manifest.labels`; the caller disposes of it
   */
  predict(pixels: tf.Tensor3D | tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const batch = pixels.rank === 3 ? tf.expandDims(pixels, 0) : pixels; // [N,S,S,3]
      return infer(this.#normalised(batch), this.#weights, this.manifest.network);
    });
  }

  /**
   * Where one picture speaks for a class ({@link gradCam}). Runs the network once more.
   *
   * @param pixels - RGB, 0..255, [S,S,3]
   * @param classIndex - into `manifest.labels`
   * @returns [S/32,S/32], 0..1; the caller disposes of it
   */
  explain(pixels: tf.Tensor3D, classIndex: number): tf.Tensor2D {
    const { network } = this.manifest;
    return tf.tidy(() => {
      const images = this.#normalised(tf.expandDims(pixels, 0));
      const { featureMap } = forward(images, inferenceLayers(this.#weights), network);
      return tf.squeeze(gradCam(featureMap, [classIndex], this.#weights, network), [0]);
    });
  }

  /** [N,S,S,3] */
  #normalised(batch: tf.Tensor): tf.Tensor4D {
    return tf.div(tf.sub(batch, this.#mean), this.#std);
  }

  /** Frees the weights. */
  dispose(): void {
    tf.dispose([this.#weights, this.#mean, this.#std]);
  }
}

/** Waits for the values of what {@link EmotionModel.explain} gave, and frees it. */
export async function readClassMap(map: tf.Tensor2D): Promise<ClassMap> {
  const [height, width] = map.shape;
  try {
    return { values: Float32Array.from(await map.data<'float32'>()), width, height };
  } finally {
    map.dispose();
  }
}
