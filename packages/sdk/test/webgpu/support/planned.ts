import * as tf from '@tensorflow/tfjs-core';
import {
  CHANNEL_MEAN,
  CHANNEL_STD,
  infer,
  weightSpecs,
  type NamedArray,
  type NetworkConfig,
} from '../../../src/network/index.js';
import { concatenate } from '../../../src/bytes.js';
import type { Packed } from '../../../src/webgpu/pack-weights.js';
import { planNetwork, type NetworkPlan } from '../../../src/webgpu/plan.js';
import type { StoredWeights } from '../../../src/webgpu/stored-weights.js';
import { FLOAT32, type Storage } from '../../../src/webgpu/storage.js';
import { uniform } from '../../support/narrow-model.js';

/** The plan of a network with the usual normalisation. */
export function planOf(config: NetworkConfig, storage: Storage = FLOAT32): NetworkPlan {
  return planNetwork(config, { mean: CHANNEL_MEAN, std: CHANNEL_STD }, storage);
}

/** Weights as files would hold them that store them as they are. */
export function storedOf(weights: readonly NamedArray[]): StoredWeights {
  let byteOffset = 0;
  const tensors = weights.map(({ name, shape, data }) => {
    const entry = { name, shape, dtype: 'float32', byteOffset } as const;
    byteOffset += data.byteLength;
    return entry;
  });
  const bytes = concatenate(weights.map(({ data }) => new Uint8Array(data.buffer)));
  return { tensors, bytes };
}

/** What a constant holds, worked out value by value. */
export function packedValues(
  { vectors, gathers }: Packed,
  weights: Readonly<Record<string, Float32Array>>,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(4 * vectors);
  for (const { weight, source, target, loops, columns, columnStride, end } of gathers) {
    const [outer, middle, inner] = loops;
    for (let i = 0; i < outer.count; i++) {
      for (let j = 0; j < middle.count; j++) {
        for (let k = 0; k < inner.count; k++) {
          const from = source + i * outer.source + j * middle.source + k * inner.source;
          const to = target + i * outer.target + j * middle.target + k * inner.target;
          for (let column = 0; column < columns && i * outer.source + column < end; column++) {
            values[4 * to + column] = weights[weight]![from + column * columnStride]!;
          }
        }
      }
    }
  }
  return values;
}

/** Weights that are all 0, where only the plan matters: random ones take a second to make. */
export function zeroWeights(config: NetworkConfig): NamedArray[] {
  return weightSpecs(config, { folded: true }).map(({ name, shape }) => {
    const length = shape.reduce((product, one) => product * one, 1);
    return { name, shape, data: new Float32Array(length) };
  });
}

/** A picture of noise: RGB, 0..255, [S,S,3]. */
export function noise(config: NetworkConfig, seed: number): Float32Array<ArrayBuffer> {
  const next = uniform(seed);
  return Float32Array.from({ length: config.inputSize ** 2 * 3 }, () => Math.floor(next() * 256));
}

/** The same network's logits on TensorFlow.js's current back end, [N,7]. */
export function tfjsLogits(
  config: NetworkConfig,
  weights: readonly NamedArray[],
  ...pictures: readonly Float32Array[]
): Float32Array {
  const { inputSize: s } = config;
  return tf.tidy(() => {
    const tensors = weights.map(
      ({ name, shape, data }) => [name, tf.tensor(data, [...shape])] as const,
    );
    const mean = tf.mul(CHANNEL_MEAN, 255);
    const std = tf.mul(CHANNEL_STD, 255);
    const images: tf.Tensor4D = tf.div(
      tf.sub(tf.stack(pictures.map((pixels) => tf.tensor3d(pixels, [s, s, 3]))), mean),
      std,
    );
    return infer(images, Object.fromEntries(tensors), config).dataSync<'float32'>();
  });
}

/** The largest difference, relative to the largest value. */
export function relativeError(actual: Float32Array, expected: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(expected, Math.abs));
  const differences = Array.from(actual, (value, i) => Math.abs(value - expected[i]!));
  if (actual.length !== expected.length || differences.some(Number.isNaN)) return Infinity;
  return Math.max(...differences) / largest;
}
