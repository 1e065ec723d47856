/** The logits of the packaged model by a plan on WebGPU and by wasm. Nothing of Node's: it runs in pages too. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import {
  CHANNEL_MEAN,
  CHANNEL_STD,
  decodeWeights,
  infer,
} from '../../packages/sdk/dist/network/index.js';
import { PlanExecutor } from '../../packages/sdk/dist/webgpu/plan-executor.js';
import { planNetwork } from '../../packages/sdk/dist/webgpu/plan.js';
import { FLOAT32, PACKED_FLOAT16 } from '../../packages/sdk/dist/webgpu/storage.js';

/** What WebGPU stores maps and weights as, by name. */
export const STORAGES = { float32: FLOAT32, float16: PACKED_FLOAT16 };

/** @typedef {import('../../packages/sdk/dist/network/index.js').ModelManifest} ModelManifest */
/** @typedef {{ manifest: ModelManifest, bytes: Uint8Array }} Model `bytes` of its variant float16 */

/**
 * @param {Model} model
 * @param {readonly Uint8Array[]} pictures RGB, [S,S,3]
 * @returns {Promise<number[][]>}
 */
export async function wasmLogits({ manifest, bytes }, pictures) {
  if (!(await tf.setBackend('wasm'))) throw new Error('The wasm back end did not start.');
  const { network, variants } = manifest;
  const { inputSize: side } = network;
  const weights = Object.fromEntries(
    decodeWeights(variants.float16, bytes).map(({ name, shape, data }) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );
  const [mean, std] = [CHANNEL_MEAN, CHANNEL_STD].map((three) => three.map((one) => one * 255));
  return pictures.map((pixels) =>
    tf.tidy(() => {
      const image = tf.tensor4d(Float32Array.from(pixels), [1, side, side, 3]);
      return [...infer(tf.div(tf.sub(image, mean), std), weights, network).dataSync()];
    }),
  );
}

/**
 * @param {GPUDevice} device
 * @param {Model} model
 * @param {keyof typeof STORAGES} storage
 * @param {readonly Uint8Array[]} pictures
 * @param {(done: number) => void} onPicture
 * @returns {Promise<number[][]>}
 */
export async function webgpuLogits(device, { manifest, bytes }, storage, pictures, onPicture) {
  const plan = planNetwork(manifest.network, manifest.input, STORAGES[storage]);
  const { tensors } = manifest.variants.float16;
  const executor = await PlanExecutor.create(device, plan, { tensors, bytes });
  const logits = [];
  for (const pixels of pictures) {
    logits.push([...(await executor.run(Float32Array.from(pixels)))]);
    onPicture(logits.length);
  }
  executor.dispose();
  return logits;
}
