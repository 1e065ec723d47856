/** Steps through the trainer's worker pool. */
import { chooseBackend } from '../../packages/trainer/dist/backend.js';
import { outputsOf } from '../../packages/trainer/dist/task.js';
import { allocateShared, WorkerPool } from '../../packages/trainer/dist/worker-pool.js';
import { generatedImages, trainingInput } from './training-input.mjs';

/**
 * @param {{ backend: string, workers: number, imageSize: number, batch: number, precision: string, steps: number }} task
 * @returns {Promise<number>} milliseconds of a step, the first not counted
 */
export async function workerRate({ backend, workers, imageSize, batch, precision, steps }) {
  const { config, layout, arena } = trainingInput({
    width: 64,
    imageSize: 32,
    batch: 1,
    precision,
  });
  const shared = allocateShared(layout, workers, false);
  shared.arena.set(arena);
  const pool = await WorkerPool.create(await chooseBackend(backend, workers));
  try {
    await pool.prepareTraining(config, shared);
    await pool.setImages('generated', generatedImages(batch, outputsOf(config)));
    const planOf = (step) => ({
      items: Array.from({ length: batch }, (_, index) => ({
        slot: 'generated',
        index,
        stream: [step, index],
      })),
      imageSize,
      augmentation: config.augmentation,
      stream: [step],
    });
    let began = 0;
    for (let step = 0; step <= steps; step++) {
      if (step === 1) began = performance.now();
      const options = { step: step + 1, learningRate: 1e-4, averageDecay: 0 };
      await pool.step(planOf(step), { ...options, upcoming: planOf(step + 1) });
    }
    return (performance.now() - began) / steps;
  } finally {
    await pool.close();
  }
}
