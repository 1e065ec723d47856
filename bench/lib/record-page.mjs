/** The page of bench/main-thread: how long a frame keeps the page's thread until it is handed over. */
import { DEFAULT_NETWORK, weightSpecs } from '../../packages/sdk/dist/network/index.js';
import { ours, tensorflow } from './page-engines.mjs';

const ENGINES = { 'emotion-cam': ours, 'TensorFlow.js': tensorflow };
/** As many dispatches and layers as the real one, and little work: the software adapter must keep up. */
const NETWORK = { ...DEFAULT_NETWORK, inputSize: 64, width: 16 };

/** @param {number} frames of each @returns {Promise<Record<string, number[]>>} milliseconds of each frame */
globalThis.recordFrames = async (frames) => {
  const weights = weightSpecs(NETWORK, { folded: true }).map(({ name, shape }) => {
    const length = shape.reduce((product, one) => product * one, 1);
    return { name, shape, data: new Float32Array(length) };
  });
  const engines = [];
  for (const [name, create] of Object.entries(ENGINES)) {
    const engine = await create(NETWORK, weights);
    const input = engine.prepare(new Float32Array(NETWORK.inputSize ** 2 * 3));
    for (let i = 0; i < 3; i++) await engine.run(input); // compiles
    engines.push({ name, engine, input, timings: [] });
  }
  for (let frame = 0; frame < frames; frame++) {
    for (const { engine, input, timings } of engines) {
      const began = performance.now();
      const logits = engine.run(input); // returns when everything is recorded and submitted
      timings.push(performance.now() - began);
      await logits;
    }
  }
  return Object.fromEntries(engines.map(({ name, timings }) => [name, timings]));
};
