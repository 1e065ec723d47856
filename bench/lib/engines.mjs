/**
 * FDRL-ECANet on WebGPU by several runtimes, each as a user of that runtime would run it, on whatever
 * `navigator.gpu` is: a counting device, or Dawn.
 */
import { CHANNEL_MEAN, CHANNEL_STD } from '../../packages/sdk/dist/network/index.js';
import { encodeOnnx } from '../../packages/trainer/dist/export/export-onnx.js';
import { ours, tensorflow } from './page-engines.mjs';
import { importPeer } from './peers.mjs';

/** @typedef {import('./page-engines.mjs').NetworkConfig} NetworkConfig */
/** @typedef {import('./page-engines.mjs').NamedArray} NamedArray */
/** @typedef {import('./page-engines.mjs').Engine} Engine */

/** @param {NetworkConfig} network @param {readonly NamedArray[]} weights @returns {Promise<Engine | undefined>} */
async function onnxruntime(network, weights) {
  const ort = await importPeer('onnxruntime-web/dist/ort.webgpu.bundle.min.mjs');
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
