/**
 * FDRL-ECANet on WebGPU by several runtimes, each as a user of that runtime would run it, on whatever
 * `navigator.gpu` is: a counting device, or Dawn.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { CHANNEL_MEAN, CHANNEL_STD } from '../../packages/sdk/dist/network/index.js';
import { encodeOnnx } from '../../packages/trainer/dist/export/export-onnx.js';
import { ours, tensorflow } from './page-engines.mjs';
import { importPeer, PEERS } from './peers.mjs';
import { encodeTflite } from './tflite-network.mjs';

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

/**
 * Without the network's head: its batched products are not what that runtime is for, and it would only gain
 * from that.
 *
 * @param {NetworkConfig} network
 * @param {readonly NamedArray[]} weights
 * @returns {Promise<Engine | undefined>}
 */
async function litert(network, weights) {
  const runtime = await importPeer('@litertjs/core/dist/index.js');
  if (!runtime) return undefined;
  const { loadLiteRt, loadAndCompile, Tensor } = runtime;
  if (!globalThis.importScripts) await loadInNode(loadLiteRt);
  const bytes = encodeTflite(network, weights, { hasHead: false });
  const model = await loadAndCompile(bytes.slice(), { accelerator: 'webgpu' });
  const { inputSize } = network;
  return {
    isWithoutHead: true,
    prepare: (pixels) =>
      pixels.map((value, i) => (value / 255 - CHANNEL_MEAN[i % 3]) / CHANNEL_STD[i % 3]),
    async run(pixels) {
      const images = new Tensor(pixels, [1, inputSize, inputSize, 3]);
      const [features] = await model.run(images);
      const values = Float32Array.from(await features.data());
      images.delete();
      features.delete();
      return values;
    },
    dispose: () => model.delete(),
  };
}

/** LiteRT.js loads its script as workers do, and that believes to be in a CommonJS module. */
async function loadInNode(loadLiteRt) {
  const folder = `${PEERS}@litertjs/core/wasm/`;
  const importScripts = (url) => {
    vm.runInThisContext(readFileSync(url, 'utf8'), { filename: url });
  };
  const require = createRequire(folder);
  Object.assign(globalThis, { self: globalThis, require, __dirname: folder, importScripts });
  await loadLiteRt(folder);
}

/** Starts by name. @type {Record<string, (network: NetworkConfig, weights: readonly NamedArray[]) => Promise<Engine | undefined>>} */
export const ENGINES = {
  'emotion-cam': ours,
  'TensorFlow.js': tensorflow,
  'onnxruntime-web': onnxruntime,
  'LiteRT.js without the head': litert,
};
