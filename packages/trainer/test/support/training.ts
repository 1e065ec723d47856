import { CLASS_COUNT, DEFAULT_NETWORK, type NetworkConfig } from 'emotion-cam/network';
import { arenaLayout, initialise, slotView, type ArenaLayout } from '../../src/arena.js';
import { resolveConfig, type TrainingConfig } from '../../src/config.js';
import { createRng } from '../../src/rng.js';
import { trainingStep, type Batch, type StepResult } from '../../src/step.js';

/** A network of the right depth that takes milliseconds: 4, 8, 16 and 32 channels. */
export const NARROW_NETWORK: NetworkConfig = {
  ...DEFAULT_NETWORK,
  width: 4,
  latentFeatures: 3,
  latentWidth: 8,
};

/** The paper's configuration of the narrow network, the small terms of its loss made visible. */
export const NARROW_CONFIG: TrainingConfig = resolveConfig({
  network: NARROW_NETWORK,
  losses: { compactness: 0.05, distribution: 2, labelSmoothing: 0.1 },
});

/** Start values, but with nothing at a special value: no zero bias, no scale of one. */
export function randomArena(layout: ArenaLayout, seed: number): Float32Array {
  const arena = new Float32Array(layout.total);
  const rng = createRng(seed);
  initialise(arena, layout, rng);
  for (const slot of layout.slots) {
    if (slot.kind === 'statistic') continue;
    const values = slotView(arena, slot);
    const isPredictor = slot.name === 'epn.weight' || slot.name === 'linear.weight';
    const deviation = isPredictor ? 0.5 : slot.kind === 'kernel' ? 0 : 0.1;
    for (let i = 0; i < values.length; i++) values[i] = values[i]! + rng.normal() * deviation;
  }
  return arena;
}

/** Generated images, some with one label and some with a distribution. */
export function randomBatch(count: number, imageSize: number, seed: number): Batch {
  const rng = createRng(seed);
  const images = Float32Array.from({ length: count * imageSize ** 2 * 3 }, () => rng.normal());
  const targets = new Float32Array(count * CLASS_COUNT);
  for (let row = 0; row < count; row++) {
    const label = rng.integer(CLASS_COUNT);
    const share = row % 2 ? 1 : 0.75;
    targets[row * CLASS_COUNT + label] = share;
    targets[row * CLASS_COUNT + ((label + 1) % CLASS_COUNT)] = 1 - share;
  }
  return { images, targets, count, imageSize };
}

/** What one training step writes and answers. */
export interface StepOutcome {
  readonly result: StepResult;
  /** By the arena's layout: gradients, then the batch's statistics. */
  readonly written: Float32Array;
}

/** One step of the back end in use. */
export async function runStep(
  config: TrainingConfig,
  arena: Float32Array,
  batch: Batch,
): Promise<StepOutcome> {
  const layout = arenaLayout(config.network);
  const written = new Float32Array(layout.total);
  const result = await trainingStep(batch, arena, layout, config, written, written);
  return { result, written };
}
