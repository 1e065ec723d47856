/** A network with start values, and a generated batch: what the training benchmarks run on. */
import { arenaLayout, initialise } from '../../packages/trainer/dist/arena.js';
import { resolveConfig } from '../../packages/trainer/dist/config.js';
import { allocateBlocks } from '../../packages/trainer/dist/datasets/image-blocks.js';
import { createRng } from '../../packages/trainer/dist/rng.js';
import { outputsOf } from '../../packages/trainer/dist/task.js';

/** By width: twelve million random numbers take longer than the steps that are timed. */
const known = new Map();

function startValues(width, layout) {
  const values = known.get(width) ?? new Float32Array(layout.total);
  if (!known.has(width)) initialise(values, layout, createRng(1));
  known.set(width, values);
  return values;
}

/** @param {{ width: number, imageSize: number, batch: number, precision?: string }} task */
export function trainingInput({ width, imageSize, batch, precision = 'float32' }) {
  const config = resolveConfig({ network: { width }, precision });
  const layout = arenaLayout(config.network);
  const shared = () => new Float32Array(new SharedArrayBuffer(layout.total * 4));
  const rng = createRng(1);
  const arena = shared();
  arena.set(startValues(width, layout));
  const images = Float32Array.from({ length: batch * imageSize ** 2 * 3 }, () => rng.normal());
  const outputs = outputsOf(config);
  const targets = new Float32Array(batch * outputs);
  for (let row = 0; row < batch; row++) targets[row * outputs + (row % outputs)] = 1;
  return {
    config,
    layout,
    arena,
    written: shared(),
    batch: { images, targets, count: batch, imageSize },
  };
}

/**
 * Generated images as the workers hold decoded ones.
 *
 * @param {number} count
 * @param {number} outputs values of a target
 */
export function generatedImages(count, outputs) {
  const side = 100; // RAF-DB's
  const pixels = allocateBlocks(count, side * side * 3);
  for (const block of pixels.blocks) block.forEach((_, i) => (block[i] = (i * 7919) % 256));
  const targets = new Float32Array(new SharedArrayBuffer(count * outputs * 4));
  for (let row = 0; row < count; row++) targets[row * outputs + (row % outputs)] = 1;
  return { pixels, width: side, height: side, frame: { scale: 1, shiftX: 0, shiftY: 0 }, targets };
}
