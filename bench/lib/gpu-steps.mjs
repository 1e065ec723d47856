/** Training steps on a GPU: images a second, share of the convolutions, memory. */
import { createRequire } from 'node:module';
import { initialiseBackend } from '../../packages/trainer/dist/backend.js';
import { trainingStep } from '../../packages/trainer/dist/step.js';
import { rounded } from './report.mjs';
import { trainingInput } from './training-input.mjs';

const tf = createRequire(new URL('../../packages/trainer/package.json', import.meta.url))(
  '@tensorflow/tfjs-core',
);
const STEPS = 5;
/** Programs of the WebGPU back end that convolutions and their gradients run as. */
const CONVOLUTION = /Conv2D|Im2Col|MatMul/;

/** @param {{ width?: number, imageSize?: number, batches?: readonly number[] }} [options] */
export async function measureGpu({ width = 64, imageSize = 224, batches = [32, 64, 128] } = {}) {
  await initialiseBackend('webgpu');
  const rows = [];
  for (const batchSize of batches) {
    const { config, layout, arena, written, batch } = trainingInput({
      ...{ width, imageSize },
      batch: batchSize,
    });
    const step = () => trainingStep(batch, arena, layout, config, written, written);
    await step(); // compiles
    const began = performance.now();
    for (let i = 0; i < STEPS; i++) await step();
    const seconds = (performance.now() - began) / 1000 / STEPS;
    rows.push({
      ...{ imageSize, batch: batchSize },
      imagesPerSecond: rounded(batchSize / seconds),
      convolutionShare: await convolutionShare(step),
      // Freed buffers stay allocated for the next step, so this is the peak.
      peakGpuMb: Math.round(tf.memory().numBytesAllocatedInGPU / 2 ** 20),
    });
  }
  return rows;
}

/** Share of the programs' time; null where the adapter has no timestamps. */
async function convolutionShare(step) {
  const backend = tf.backend();
  const outer = backend.activeTimers;
  backend.activeTimers = [];
  await step();
  const timers = backend.activeTimers.flat(Infinity);
  backend.activeTimers = outer;
  const programs = await Promise.all(
    timers.map(async ({ name, query }) => ({ name, milliseconds: await query })),
  );
  const sum = (list) => list.reduce((total, { milliseconds }) => total + milliseconds, 0);
  const all = sum(programs);
  if (!(all > 0)) return null;
  return rounded(sum(programs.filter(({ name }) => CONVOLUTION.test(name))) / all);
}
