/** Child process of bench/isa: sends the shaders that TensorFlow.js makes for a frame to its parent. */
import { DEFAULT_NETWORK, weightSpecs } from '../../packages/sdk/dist/network/index.js';
import { CountingGpu } from './counting-gpu.mjs';
import { ENGINES } from './engines.mjs';

new CountingGpu().install();
/** @type {Map<string, string>} */
const shaders = new Map();
const { createShaderModule } = globalThis.GPUDevice.prototype;
globalThis.GPUDevice.prototype.createShaderModule = function (descriptor) {
  shaders.set(descriptor.code, descriptor.label ?? '');
  return createShaderModule.call(this, descriptor);
};
const weights = weightSpecs(DEFAULT_NETWORK, { folded: true }).map(({ name, shape }) => {
  const length = shape.reduce((product, one) => product * one, 1);
  return { name, shape, data: new Float32Array(length) };
});
const engine = await ENGINES['TensorFlow.js'](DEFAULT_NETWORK, weights);
await engine.run(engine.prepare(new Float32Array(DEFAULT_NETWORK.inputSize ** 2 * 3)));
process.send([...shaders].map(([code, label]) => ({ code, label })));
