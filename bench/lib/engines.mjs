/**
 * FDRL-ECANet on WebGPU by several runtimes, each as a user of that runtime would run it, on whatever
 * `navigator.gpu` is: a counting device, or Dawn.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  CHANNEL_MEAN,
  CHANNEL_STD,
  encodeWeights,
  infer,
} from '../../packages/sdk/dist/network/index.js';
import { PlanExecutor } from '../../packages/sdk/dist/webgpu/plan-executor.js';
import { planNetwork } from '../../packages/sdk/dist/webgpu/plan.js';
import { float16Storage } from '../../packages/sdk/dist/webgpu/storage.js';
import { encodeOnnx } from '../../packages/trainer/dist/export/export-onnx.js';
import { importPeer } from './peers.mjs';

/** @typedef {import('../../packages/sdk/dist/network/index.js').NetworkConfig} NetworkConfig */
/** @typedef {import('../../packages/sdk/dist/network/index.js').NamedArray} NamedArray */

/**
 * @typedef {object} Engine
 * @property {(pixels: Float32Array) => unknown} prepare RGB 0..255 [S,S,3] in the form that it takes
 * @property {(input: any) => Promise<Float32Array>} run logits
 * @property {() => void} dispose
 */

/** @param {NetworkConfig} network @param {readonly NamedArray[]} weights @returns {Promise<Engine>} */
async function ours(network, weights) {
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const normalisation = { mean: CHANNEL_MEAN, std: CHANNEL_STD };
  const plan = planNetwork(network, normalisation, float16Storage(device));
  const { variantTensors: tensors, shards } = encodeWeights(weights, 'float16');
  const bytes = Buffer.concat(shards);
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
async function tensorflow(network, weights) {
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
      tf.removeBackend('webgpu');
    },
  };
}

/** @param {NetworkConfig} network @param {readonly NamedArray[]} weights @returns {Promise<Engine | undefined>} */
async function onnxruntime(network, weights) {
  const ort = await importPeer('onnxruntime-web', 'dist/ort.webgpu.bundle.min.mjs');
  if (!ort) return undefined;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const { inputSize } = network;
  const model = encodeOnnx({ network, imageSize: inputSize, folded: weights, metadata: {} });
  const session = await ort.InferenceSession.create(model, { executionProviders: ['webgpu'] });
  return {
    /** Normalised, channels first. */
    prepare(pixels) {
      const area = inputSize ** 2;
      const planes = new Float32Array(3 * area);
      for (let i = 0; i < area; i++) {
        for (let c = 0; c < 3; c++) {
          planes[c * area + i] = (pixels[3 * i + c] / 255 - CHANNEL_MEAN[c]) / CHANNEL_STD[c];
        }
      }
      return new ort.Tensor('float32', planes, [1, 3, inputSize, inputSize]);
    },
    async run(images) {
      const { logits } = await session.run({ images });
      return logits.data;
    },
    dispose: () => void session.release(),
  };
}

/** Starts by name. @type {Record<string, (network: NetworkConfig, weights: readonly NamedArray[]) => Promise<Engine | undefined>>} */
export const ENGINES = {
  'emotion-cam': ours,
  'TensorFlow.js': tensorflow,
  'onnxruntime-web': onnxruntime,
};
