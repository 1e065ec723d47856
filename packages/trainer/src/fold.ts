import {
  BATCH_NORM_EPSILON,
  weightSpecs,
  type NamedArray,
  type NetworkConfig,
} from 'emotion-cam/network';
import { slotView, type ArenaLayout } from './arena.js';

/** Looks the arrays of an arena up by name. */
function viewsOf(arena: Float32Array, layout: ArenaLayout): ReadonlyMap<string, Float32Array> {
  return new Map(layout.slots.map((slot) => [slot.name, slotView(arena, slot)]));
}

/** The network's weights as training has them, batch normalisation apart; no loss centres. */
export function separateWeights(
  arena: Float32Array,
  layout: ArenaLayout,
  network: NetworkConfig,
): NamedArray[] {
  const views = viewsOf(arena, layout);
  return weightSpecs(network, { folded: false }).map(({ name, shape }) => ({
    name,
    shape,
    data: views.get(name)!.slice(),
  }));
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
  const views = viewsOf(arena, layout);
  const view = (name: string): Float32Array => {
    const found = views.get(name);
    if (!found) throw new RangeError(`The arena holds no "${name}".`);
    return found;
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
    if (!views.has(`${layer}.gamma`)) return { name, shape, data: view(name).slice() };
    const f = factors(layer);
    if (name.endsWith('.bias')) {
      const mean = view(`${layer}.mean`);
      return { name, shape, data: view(`${layer}.beta`).map((b, c) => b - mean[c]! * f[c]!) };
    }
    return { name, shape, data: view(name).map((w, i) => w * f[i % f.length]!) };
  });
}
