/**
 * FDRL-ECANet on WebGPU by this project and by TensorFlow.js, each as a user would run it, on whatever
 * `navigator.gpu` is. Nothing of Node's: it runs in pages too.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  CHANNEL_MEAN,
  CHANNEL_STD,
  encodeWeights,
  infer,
} from '../../packages/sdk/dist/network/index.js';
import { concatenate } from '../../packages/sdk/dist/bytes.js';
import { PlanExecutor } from '../../packages/sdk/dist/webgpu/plan-executor.js';
import { planNetwork } from '../../packages/sdk/dist/webgpu/plan.js';
import { float16Storage } from '../../packages/sdk/dist/webgpu/storage.js';

/** @typedef {import('../../packages/sdk/dist/network/index.js').NetworkConfig} NetworkConfig */
/** @typedef {import('../../packages/sdk/dist/network/index.js').NamedArray} NamedArray */

/**
 * @typedef {object} Engine
 * @property {(pixels: Float32Array) => unknown} prepare RGB 0..255 [S,S,3] in the form that it takes
 * @property {(input: any) => Promise<Float32Array>} run logits
 * @property {() => void} dispose
 * @property {boolean} [isWithoutHead] `run` gives the features of the backbone instead
 */

/** @param {NetworkConfig} network @param {readonly NamedArray[]} weights @returns {Promise<Engine>} */
export async function ours(network, weights) {
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const normalisation = { mean: CHANNEL_MEAN, std: CHANNEL_STD };
  const plan = planNetwork(network, normalisation, float16Storage(device));
  const { variantTensors: tensors, shards } = encodeWeights(weights, 'float16');
  const bytes = concatenate(shards);
  const executor = await PlanExecutor.create(device, plan, { tensors, bytes });
  return {
    prepare: (pixels) => pixels,
    run: (pixels) => executor.run(pixels),
    dispose() {
      executor.dispose();
      device.destroy();
    },
  };
}

/** @param {NetworkConfig} network @param {readonly NamedArray[]} weights @returns {Promise<Engine>} */
export async function tensorflow(network, weights) {
  globalThis.OffscreenCanvas ??= class {}; // the back end asks whether a canvas is one
  await import('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend('webgpu');
  const tensors = Object.fromEntries(
    weights.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])]),
  );
  const mean = tf.tensor1d(CHANNEL_MEAN.map((value) => value * 255));
  const std = tf.tensor1d(CHANNEL_STD.map((value) => value * 255));
  const { inputSize } = network;
  return {
    prepare: (pixels) => pixels,
    async run(pixels) {
      const logits = tf.tidy(() => {
        const images = tf.tensor4d(pixels, [1, inputSize, inputSize, 3]);
        return infer(tf.div(tf.sub(images, mean), std), tensors, network);
      });
      const values = await logits.data();
      logits.dispose();
      return values;
    },
    dispose() {
      tf.dispose([tensors, mean, std]);
      const { factory, priority } = tf.engine().registryFactory.webgpu;
      tf.removeBackend('webgpu'); // frees its device; the next start makes another one
      tf.registerBackend('webgpu', factory, priority);
    },
  };
}
