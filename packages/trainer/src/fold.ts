import {
  BATCH_NORM_EPSILON,
  weightSpecs,
  type NamedArray,
  type NetworkConfig,
} from 'emotion-cam/network';
import { slotView, type ArenaLayout } from './arena.js';

/** The arrays of an arena by name; views, not copies. */
function arraysOf(arena: Float32Array, layout: ArenaLayout): ReadonlyMap<string, NamedArray> {
  return new Map(
    layout.slots.map((slot) => [
      slot.name,
      { name: slot.name, shape: slot.shape, data: slotView(arena, slot) },
    ]),
  );
}

/** The network's weights as training has them, batch normalisation apart; no loss centres. */
export function separateWeights(
  arena: Float32Array,
  layout: ArenaLayout,
  network: NetworkConfig,
): NamedArray[] {
  const arrays = arraysOf(arena, layout);
  return weightSpecs(network, { folded: false }).map(({ name }) => {
    const array = arrays.get(name)!;
    return { ...array, data: array.data.slice() };
  });
}

/**
 * Folds batch normalisation into the convolution before it: with f = gamma / sqrt(variance + eps),
 * the weights become W * f and the bias beta - mean * f. Training's loss centres are left out.
 */
export function foldBatchNorm(
  arena: Float32Array,
  layout: ArenaLayout,
  network: NetworkConfig,
): NamedArray[] {
  const arrays = arraysOf(arena, layout);
  const view = (name: string): Float32Array => {
    const found = arrays.get(name);
    if (!found) throw new RangeError(`The arena holds no "${name}".`);
    return found.data;
  };
  const factors = (layer: string): Float32Array => {
    const variance = view(`${layer}.variance`);
    return view(`${layer}.gamma`).map(
      (gamma, channel) => gamma / Math.sqrt(variance[channel]! + BATCH_NORM_EPSILON),
    );
  };
  return weightSpecs(network, { folded: true }).map(({ name, shape }) => {
    const cut = name.lastIndexOf('.');
    const layer = name.slice(0, cut);
    if (!arrays.has(`${layer}.gamma`)) {
      return { name, shape: arrays.get(name)?.shape ?? shape, data: view(name).slice() };
    }
    const f = factors(layer);
    if (name.endsWith('.bias')) {
      const mean = view(`${layer}.mean`);
      return { name, shape, data: view(`${layer}.beta`).map((b, c) => b - mean[c]! * f[c]!) };
    }
    return { name, shape, data: view(name).map((w, i) => w * f[i % f.length]!) };
  });
}
