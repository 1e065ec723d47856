import type { NetworkConfig } from '../network/config.js';
import type { Completion } from './completion.js';
import { planBlocks, type NetworkPlan } from './plan.js';
import { PreparedPlan } from './prepared-plan.js';
import type { Storage } from './storage.js';
import type { TilingMemory } from './tiling-memory.js';
import {
  candidateTilings,
  chooseTiling,
  shapeName,
  type ConvolutionShape,
  type Tiling,
} from './tiling.js';

/** One timing keeps the card busy for so long: a frame that comes then waits no longer. */
const TIMING_MS = 6;
const MOST_REPEATS = 64;
const ROUNDS = 5;
/** Another tiling than the usual one must be this much faster: clocks of browsers are coarse. */
const LEAST_GAIN = 0.07;

/** The card to time on. */
export interface Timing {
  readonly device: GPUDevice;
  readonly completion: Completion;
  readonly storage: Storage;
  /** Waits until the card has nothing else to do; asked before every timing. @throws to give up */
  readonly whenIdle: () => Promise<void>;
}

/** The convolutions of a network that differ. */
export function convolutionShapes(config: NetworkConfig, storage: Storage): ConvolutionShape[] {
  const shapes = new Map<string, ConvolutionShape>();
  planBlocks(config, storage, (shape) => {
    shapes.set(shapeName(shape), shape);
    return chooseTiling(shape);
  });
  return [...shapes.values()];
}

/**
 * Times what the memory lacks, one convolution after the other, and gives it the result.
 *
 * @throws what `whenIdle` rejects with; what is known by then is stored
 */
export async function timeMissing(
  config: NetworkConfig,
  memory: TilingMemory,
  timing: Timing,
): Promise<void> {
  for (const shape of convolutionShapes(config, timing.storage)) {
    if (memory.has(shape)) continue;
    const tiling = await fastestTiling(shape, config, timing);
    await timing.whenIdle(); // a card that was lost meanwhile has told nothing
    await memory.remember([[shape, tiling]]);
  }
}

/**
 * Times the candidates for one convolution, in the block where it occurs most: what its slices cost the
 * dispatches behind it counts too.
 *
 * @returns the fastest; the usual one where none is clearly faster
 * @throws what `whenIdle` rejects with
 */
export async function fastestTiling(
  shape: ConvolutionShape,
  config: NetworkConfig,
  timing: Timing,
): Promise<Tiling> {
  const { device, storage, whenIdle } = timing;
  const candidates = candidateTilings(shape);
  const prepared: { readonly tiling: Tiling; readonly plan: PreparedPlan; times: number[] }[] = [];
  try {
    for (const tiling of candidates) {
      await whenIdle();
      const plan = await prepare(device, blockWith(shape, tiling, config, storage));
      if (plan) prepared.push({ tiling, plan, times: [] });
    }
    const [usual] = prepared;
    if (!usual || prepared.length === 1) return chooseTiling(shape);
    await whenIdle();
    await time(timing, usual.plan, 1); // the first is slower
    const once = await time(timing, usual.plan, 1);
    const repeats = Math.min(Math.max(1, Math.round(TIMING_MS / once)), MOST_REPEATS);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { plan, times } of prepared) {
        await whenIdle();
        times.push(await time(timing, plan, repeats));
      }
    }
    const [fastest] = prepared
      .map(({ tiling, times }) => ({ tiling, ms: median(times) }))
      .sort((a, b) => a.ms - b.ms);
    const isWorth = fastest!.ms < (1 - LEAST_GAIN) * median(usual.times);
    return isWorth ? fastest!.tiling : usual.tiling;
  } finally {
    for (const { plan } of prepared) plan.dispose();
  }
}

/** The block in which a shape occurs most, with this tiling for it and the usual ones for others. */
function blockWith(
  shape: ConvolutionShape,
  tiling: Tiling,
  config: NetworkConfig,
  storage: Storage,
): NetworkPlan {
  const wanted = shapeName(shape);
  const uses: number[] = [];
  const blocks: readonly NetworkPlan[] = planBlocks(config, storage, (one) => {
    const isWanted = shapeName(one) === wanted;
    uses.push(isWanted ? 1 : 0); // two convolutions a block
    return isWanted ? tiling : chooseTiling(one);
  });
  const usesOf = (block: number): number => uses[2 * block]! + uses[2 * block + 1]!;
  const best = blocks.reduce((most, _, block) => (usesOf(block) > usesOf(most) ? block : most), 0);
  return blocks[best]!;
}

/** None where the device does not accept it. */
async function prepare(device: GPUDevice, plan: NetworkPlan): Promise<PreparedPlan | undefined> {
  try {
    return await PreparedPlan.create(device, plan);
  } catch {
    return undefined;
  }
}

/** Milliseconds of so many runs. */
async function time(
  { device, completion }: Timing,
  plan: PreparedPlan,
  repeats: number,
): Promise<number> {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let i = 0; i < repeats; i++) plan.record(pass);
  pass.end();
  const commands = encoder.finish();
  const began = performance.now();
  device.queue.submit([commands]);
  await completion.until(device.queue.onSubmittedWorkDone());
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
