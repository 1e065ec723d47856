/**
 * Child process of bench/dispatches: counts what the start and a frame of one engine cost, and sends it
 * to its parent.
 */
import { DEFAULT_NETWORK, weightSpecs } from '../../packages/sdk/dist/network/index.js';
import { CountingGpu } from './counting-gpu.mjs';
import { ENGINES } from './engines.mjs';

const gpu = new CountingGpu();
gpu.install();
const weights = weightSpecs(DEFAULT_NETWORK, { folded: true }).map(({ name, shape }) => {
  const length = shape.reduce((product, one) => product * one, 1);
  return { name, shape, data: new Float32Array(length) };
});
const engine = await ENGINES[process.argv[2]](DEFAULT_NETWORK, weights);
if (engine) {
  const input = engine.prepare(new Float32Array(DEFAULT_NETWORK.inputSize ** 2 * 3));
  await engine.run(input);
  const { pipelinesMade, pipelinesMadeSynchronously } = gpu.take();
  await engine.run(input); // what is made once and not by the first
  gpu.take();
  await engine.run(input);
  process.send({ start: { pipelinesMade, pipelinesMadeSynchronously }, frame: gpu.take() });
} else {
  process.send({ unavailable: 'npm could not install it in bench/peers' });
}
