/** One training step, timed: the tasks of training-step.bench.mjs. */
import { CLASS_COUNT } from 'emotion-cam/network';
import { arenaLayout, initialise } from '../../packages/trainer/dist/arena.js';
import { initialiseBackend } from '../../packages/trainer/dist/backend.js';
import { resolveConfig } from '../../packages/trainer/dist/config.js';
import { createRng } from '../../packages/trainer/dist/rng.js';
import { trainingStep } from '../../packages/trainer/dist/step.js';

export const start = initialiseBackend;

/** @param {{ width: number, imageSize: number, batch: number }} task */
export async function measure({ width, imageSize, batch }) {
  const config = resolveConfig({ network: { width } });
  const layout = arenaLayout(config.network);
  const arena = new Float32Array(layout.total);
  const rng = createRng(1);
  initialise(arena, layout, rng);
  const images = Float32Array.from({ length: batch * imageSize ** 2 * 3 }, () => rng.normal());
  const targets = new Float32Array(batch * CLASS_COUNT);
  for (let row = 0; row < batch; row++) targets[row * CLASS_COUNT + (row % CLASS_COUNT)] = 1;
  const written = new Float32Array(layout.total);
  const input = { images, targets, count: batch, imageSize };
  const began = performance.now();
  await trainingStep(input, arena, layout, config, written, written);
  return performance.now() - began;
}
