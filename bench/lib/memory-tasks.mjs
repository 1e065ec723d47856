/** Memory of one worker over many training steps. */
import { createRequire } from 'node:module';
import { initialiseBackend } from '../../packages/trainer/dist/backend.js';
import { trainingStep } from '../../packages/trainer/dist/step.js';
import { trainingInput } from './training-input.mjs';

const tf = createRequire(new URL('../../packages/trainer/package.json', import.meta.url))(
  '@tensorflow/tfjs-core',
);

export const start = initialiseBackend;

const WARM_UP = 100;
const megabytes = (bytes) => Math.round(bytes / 2 ** 20);

function memoryInUse() {
  const { numTensors, numDataBuffers } = tf.memory();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    tensors: numTensors,
    buffers: numDataBuffers,
    wasmBytes: tf.backend().wasm.HEAPU8.byteLength,
    processMb: megabytes(rss),
    javascriptMb: megabytes(heapUsed),
  };
}

/** @param {{ width: number, imageSize: number, batch: number, steps: number }} task */
export async function measure({ steps, ...task }) {
  const { config, layout, arena, written, batch } = trainingInput(task);
  const run = async (count) => {
    for (let step = 0; step < count; step++) {
      await trainingStep(batch, arena, layout, config, written, written);
    }
  };
  const warmUp = Math.min(WARM_UP, steps);
  await run(warmUp);
  const before = memoryInUse();
  await run(steps - warmUp);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  return { ...task, steps, warmUp, before, after: memoryInUse(), peakMb };
}
