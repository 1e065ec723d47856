import { CLASS_COUNT, weightSpecs, type NetworkConfig, type WeightSpec } from 'emotion-cam/network';
import type { Rng } from './rng.js';

/** Where a named array lies in the flat arena. */
export interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  /** `centre`: a trainable centre of the losses, which is not part of the network. */
  readonly kind: WeightSpec['kind'] | 'centre';
  readonly offset: number;
  readonly size: number;
}

/**
 * All parameters in one flat array: first what the optimiser changes (weights, then the centres of
 * L_C and L_D), then the running statistics of batch normalisation.
 */
export interface ArenaLayout {
  readonly slots: readonly Slot[];
  /** Values that the optimiser changes: `[0, trainable)`. */
  readonly trainable: number;
  /** Length of the arena. */
  readonly total: number;
}

/** c_j of L_C, [M,D]. */
export const LATENT_CENTRES = 'loss.latent-centres';
/** w_k of L_D, one for each class, [K,M]. */
export const CLASS_CENTRES = 'loss.class-centres';

/** @param outputs - K of the linear head, where it is not the seven expressions */
export function arenaLayout(network: NetworkConfig, outputs: number = CLASS_COUNT): ArenaLayout {
  const specs: Pick<Slot, 'name' | 'shape' | 'kind'>[] = weightSpecs(network, {
    folded: false,
    outputs,
  });
  const isStatistic = (spec: Pick<Slot, 'kind'>): boolean => spec.kind === 'statistic';
  const { latentFeatures, latentWidth } = network;
  const centres: typeof specs =
    network.head === 'fdrl'
      ? [
          { name: LATENT_CENTRES, shape: [latentFeatures, latentWidth], kind: 'centre' },
          { name: CLASS_CENTRES, shape: [CLASS_COUNT, latentFeatures], kind: 'centre' },
        ]
      : [];
  const ordered = [
    ...specs.filter((spec) => !isStatistic(spec)),
    ...centres,
    ...specs.filter(isStatistic),
  ];
  const slots: Slot[] = [];
  let offset = 0;
  for (const spec of ordered) {
    const size = spec.shape.reduce((product, length) => product * length, 1);
    slots.push({ ...spec, offset, size });
    offset += size;
  }
  const trainable = slots.find(isStatistic)?.offset ?? offset;
  return { slots, trainable, total: offset };
}

/** The part of the arena that belongs to a slot; a view, not a copy. */
export function slotView(arena: Float32Array, slot: Slot): Float32Array {
  return arena.subarray(slot.offset, slot.offset + slot.size);
}

/** The last layers: small at the start, so that the first predictions are even. */
const PREDICTORS: ReadonlySet<string> = new Set(['epn.weight', 'linear.weight']);

/** Inputs of one output value of a kernel: k * k * Cin, or the input width of an FC layer. */
function fanIn(shape: readonly number[]): number {
  return shape.length === 1
    ? (shape[0] ?? 1)
    : shape.slice(0, -1).reduce((product, length) => product * length, 1);
}

/**
 * Start values: He's normal distribution for kernels (the batched FC layers of FRN count one
 * feature's inputs; the predictor's are small), a scale of 1, statistics of mean 0 and variance 1, class centres at 0.5 where
 * the alphas start, everything else 0.
 */
export function initialise(arena: Float32Array, layout: ArenaLayout, rng: Rng): void {
  for (const slot of layout.slots) {
    const values = slotView(arena, slot);
    if (slot.kind === 'kernel') {
      const isBatched = slot.name.startsWith('frn.');
      const inputs = fanIn(isBatched ? slot.shape.slice(1) : slot.shape);
      const deviation = PREDICTORS.has(slot.name) ? 0.01 : Math.sqrt(2 / inputs);
      for (let i = 0; i < values.length; i++) values[i] = rng.normal() * deviation;
    } else if (slot.kind === 'scale' || slot.name.endsWith('.variance')) {
      values.fill(1);
    } else if (slot.name === CLASS_CENTRES) {
      values.fill(0.5);
    } else {
      values.fill(0);
    }
  }
}

/** Weight decay of each trainable value: `decay` for kernels, 0 elsewhere (L_W, docs/paper.md). */
export function decayMask(layout: ArenaLayout, decay: number, out: Float32Array): void {
  for (const slot of layout.slots) {
    if (slot.kind === 'kernel') slotView(out, slot).fill(decay);
  }
}
