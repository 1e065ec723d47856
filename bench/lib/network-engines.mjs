/**
 * FDRL-ECANet on WebAssembly by several runtimes, each as a user of that runtime would run it, in a worker of
 * a cross-origin isolated page. All take normalised pixels in main memory and give logits in main memory.
 */
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import * as tf from '@tensorflow/tfjs-core';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { infer } from '../../packages/sdk/dist/network/index.js';
import { startWithThreads } from '../../packages/sdk/dist/wasm-threads.js';

/**
 * @typedef {object} Task
 * @property {import('../../packages/sdk/dist/network/index.js').NetworkConfig} network
 * @property {readonly import('../../packages/sdk/dist/network/index.js').NamedArray[]} weights
 * @property {number} threads
 * @property {Record<'tfjsWasm' | 'onnxruntime' | 'onnx' | 'litert' | 'tflite', string>} files addresses;
 *   folders end in a slash
 *
 * @typedef {object} Engine
 * @property {(pixels: Float32Array) => unknown} prepare normalised RGB, [S,S,3], in the form that it takes
 * @property {(input: any) => Promise<Float32Array>} run logits
 */

/** The SDK's path where there is no WebGPU. @param {Task} task @returns {Promise<Engine>} */
async function ours({ network, weights, threads, files }) {
  setWasmPaths(files.tfjsWasm);
  setThreadsCount(threads);
  await startWithThreads(() => tf.setBackend('wasm'));
  const tensors = Object.fromEntries(
    weights.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])]),
  );
  const { inputSize } = network;
  return {
    prepare: (pixels) => pixels,
    async run(pixels) {
      const logits = tf.tidy(() =>
        infer(tf.tensor4d(pixels, [1, inputSize, inputSize, 3]), tensors, network),
      );
      const values = await logits.data();
      logits.dispose();
      return values;
    },
  };
}

/** @param {Task} task @returns {Promise<Engine>} */
async function onnxruntime({ network: { inputSize }, threads, files }) {
  const ort = await import(/* @vite-ignore */ `${files.onnxruntime}ort.wasm.min.mjs`);
  ort.env.wasm.wasmPaths = files.onnxruntime;
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(files.onnx, { executionProviders: ['wasm'] });
  return {
    /** Channels first. */
    prepare(pixels) {
      const area = inputSize ** 2;
      const planes = Float32Array.from(
        pixels,
        (_, i) => pixels[3 * (i % area) + Math.floor(i / area)],
      );
      return new ort.Tensor('float32', planes, [1, 3, inputSize, inputSize]);
    },
    async run(images) {
      const { logits } = await session.run({ images });
      return logits.data;
    },
  };
}

/**
 * @param {Task} task
 * @param {string} build the runtime's script; '': the folder's that fits the browser, with relaxed SIMD where it can
 * @returns {Promise<Engine>}
 */
async function litert({ network: { inputSize }, threads, files }, build = '') {
  // Else it looks for its files beside the worker's script.
  globalThis.Module = {
    locateFile: (name) => files.litert + name,
    mainScriptUrlOrBlob: `${files.litert}litert_wasm_threaded_internal.js`,
  };
  await loadLiteRt(files.litert + build, { threads: threads > 1 });
  const model = await loadAndCompile(files.tflite, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
  });
  return {
    prepare: (pixels) => pixels,
    async run(pixels) {
      const images = new Tensor(pixels, [1, inputSize, inputSize, 3]);
      const [logits] = await model.run(images);
      const values = await logits.data();
      images.delete();
      logits.delete();
      return values;
    },
  };
}

/** Starts by name. @type {Record<string, (task: Task) => Promise<Engine>>} */
export const NETWORK_ENGINES = {
  'emotion-cam': ours,
  'onnxruntime-web': onnxruntime,
  'LiteRT.js, relaxed SIMD': litert,
  'LiteRT.js, plain SIMD': (task) => litert(task, 'litert_wasm_compat_internal.js'),
};
