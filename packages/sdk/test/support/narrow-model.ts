import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {
  CANONICAL_EYES,
  CHANNEL_MEAN,
  CHANNEL_STD,
  DEFAULT_NETWORK,
  EMOTIONS,
  decodeWeights,
  encodeWeights,
  infer,
  weightSpecs,
  type Golden,
  type ModelManifest,
  type NamedArray,
  type NetworkConfig,
  type WeightsPrecision,
  type WeightsVariant,
} from '../../src/network/index.js';
import { concatenate } from '../../src/bytes.js';

/** FDRL-ECANet with every part and few channels: quick on any back end. */
export const NARROW_NETWORK: NetworkConfig = {
  ...DEFAULT_NETWORK,
  inputSize: 64,
  width: 8,
  blocks: [1, 1, 1, 1],
  latentFeatures: 3,
  latentWidth: 16,
};

/** Uniform in [0, 1), the same sequence for the same seed (a linear congruential generator). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Random weights whose layers keep the scale of their input, so that logits are of order 1. */
export function randomWeights(config: NetworkConfig, seed = 1): NamedArray[] {
  const next = uniform(seed);
  return weightSpecs(config, { folded: true }).map(({ name, shape, kind }) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const fanIn = kind === 'kernel' ? length / shape.at(-1)! : 100;
    const spread = Math.sqrt(6 / fanIn);
    const data = Float32Array.from({ length }, () => (2 * next() - 1) * spread);
    return { name, shape, data };
  });
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Logits of the narrow network on the cpu back end; the current one stays current. */
function cpuLogits(pixels: Uint8Array, weights: readonly NamedArray[]): number[] {
  const size = NARROW_NETWORK.inputSize;
  const previous = tf.engine().backendName as string | undefined;
  void tf.setBackend('cpu'); // takes effect at once
  const logits = tf.tidy(() => {
    const images = tf.tensor4d(Float32Array.from(pixels), [1, size, size, 3]);
    const scaled = (values: readonly number[]): tf.Tensor => tf.mul(tf.tensor1d([...values]), 255);
    const normalised: tf.Tensor4D = tf.div(
      tf.sub(images, scaled(CHANNEL_MEAN)),
      scaled(CHANNEL_STD),
    );
    const tensors = weights.map(
      ({ name, shape, data }) => [name, tf.tensor(data, [...shape])] as const,
    );
    return infer(normalised, Object.fromEntries(tensors), NARROW_NETWORK).dataSync<'float32'>();
  });
  if (previous) void tf.setBackend(previous);
  return [...logits];
}

/** A picture of noise and the narrow network's logits for it. */
function narrowGolden(stored: Readonly<Record<WeightsPrecision, readonly NamedArray[]>>): Golden {
  const size = NARROW_NETWORK.inputSize;
  const next = uniform(3);
  const pixels = Uint8Array.from({ length: size * size * 3 }, () => Math.floor(next() * 256));
  const float16 = [cpuLogits(pixels, stored.float16)];
  return {
    kind: 'generated',
    seed: 3,
    inputs: 1,
    size,
    pixels: btoa(String.fromCharCode(...pixels)),
    logits: float16,
    variant: { float16, uint8: [cpuLogits(pixels, stored.uint8)] },
  };
}

/** A model as the trainer's export writes it: the manifest and the contents of its files. */
export interface TestModel {
  readonly manifest: ModelManifest;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** A model with random weights, in shards of 64 KiB so that there are several. */
export async function narrowModel(
  weights: readonly NamedArray[] = randomWeights(NARROW_NETWORK),
): Promise<TestModel> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const stored: Partial<Record<WeightsPrecision, NamedArray[]>> = {};
  const variant = async (precision: WeightsPrecision): Promise<WeightsVariant> => {
    const { variantTensors, shards } = encodeWeights(weights, precision, { shardBytes: 65536 });
    const entries = shards.map(async (bytes, index) => {
      const file = `${precision}-${index + 1}.bin`;
      files.set(file, bytes);
      return { file, bytes: bytes.length, sha256: await sha256(bytes) };
    });
    const written = { tensors: variantTensors, shards: await Promise.all(entries) };
    stored[precision] = decodeWeights(written, concatenate(shards));
    return written;
  };
  const variants = { float16: await variant('float16'), uint8: await variant('uint8') };
  const { float16 = [], uint8 = [] } = stored;
  const golden = new TextEncoder().encode(JSON.stringify(narrowGolden({ float16, uint8 })));
  files.set('golden.json', golden);
  const manifest: ModelManifest = {
    format: 'emotion-cam-model',
    formatVersion: 1,
    name: 'narrow',
    created: '2026-11-24T10:00:00Z',
    network: NARROW_NETWORK,
    labels: EMOTIONS,
    input: {
      size: NARROW_NETWORK.inputSize,
      channelOrder: 'rgb',
      mean: CHANNEL_MEAN,
      std: CHANNEL_STD,
    },
    crop: { eyes: CANONICAL_EYES, rollDeadBandDegrees: 8 },
    temperature: 1.5,
    variants,
    defaultVariant: 'float16',
    golden: { file: 'golden.json', sha256: await sha256(golden) },
    metrics: {},
    training: { seed: 1 },
    terms: 'Random weights, for tests.',
  };
  return { manifest, files };
}
