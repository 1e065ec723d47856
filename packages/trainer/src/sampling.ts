import { createRng, type Rng } from './rng.js';
import type { BatchItem } from './worker-protocol.js';

/** A set of a stage, as the images of an epoch are drawn from it. */
export interface SampledSet {
  /** The name of its images at the workers. */
  readonly slot: string;
  /** Index into `EMOTIONS` of each image. */
  readonly labels: readonly number[];
  /** Share of the images of an epoch; those of all sets sum to 1. */
  readonly share: number;
}

/** How an epoch is drawn ({@link StageConfig} has the meaning of the values). */
export interface EpochOptions {
  readonly seed: number;
  readonly stage: number;
  readonly epoch: number;
  readonly imagesPerEpoch: number;
  readonly classBalance: number;
}

/** First number of the random streams that belong to the order of the images. */
const ORDER_STREAM = 1;
/** … and of those that belong to the augmentation of one image. */
const AUGMENTATION_STREAM = 2;

/** Images of an epoch, where the configuration leaves it to the first set's size. */
export function epochSize(imagesPerEpoch: number, [own]: readonly SampledSet[]): number {
  if (imagesPerEpoch > 0 || !own) return imagesPerEpoch;
  return Math.round(own.labels.length / own.share);
}

/**
 * The images of one epoch, in order. It only depends on its arguments, so a resumed run draws what
 * it would have drawn. The images that are drawn alike (a set's, or with class balance those of
 * one class of a set) are gone through in a new random order each time, and the next epoch goes on
 * where this one stops: none comes up twice before all have come up once.
 */
export function drawEpoch(sets: readonly SampledSet[], options: EpochOptions): BatchItem[] {
  const { seed, stage, epoch, imagesPerEpoch, classBalance } = options;
  const shares = sets.map(({ share }) => share);
  const quotas = apportion(epochSize(imagesPerEpoch, sets), shares);
  const drawn = sets.flatMap(({ slot, labels }, set) =>
    poolsOf(labels, classBalance, quotas[set]!).flatMap(({ members, quota, id }) =>
      placesOf(members.length, epoch * quota, quota, (turn) =>
        createRng(seed, ORDER_STREAM, stage, set, id, turn),
      ).map((place) => ({ slot, index: members[place]! })),
    ),
  );
  return createRng(seed, ORDER_STREAM, stage, epoch)
    .shuffle(drawn)
    .map((item, place) => ({ ...item, stream: [AUGMENTATION_STREAM, stage, epoch, place] }));
}

/** Images of a set that are drawn alike, and how many of them an epoch takes. */
interface Pool {
  /** The class, or {@link WHOLE_SET}. */
  readonly id: number;
  readonly members: readonly number[];
  readonly quota: number;
}

/** Stands for the class of a pool that holds all of them. */
const WHOLE_SET = -1;

function poolsOf(labels: readonly number[], classBalance: number, quota: number): Pool[] {
  const all = labels.map((_, index) => index);
  if (classBalance === 0) return [{ id: WHOLE_SET, members: all, quota }];
  const classes = [...new Set(labels)]
    .sort((a, b) => a - b)
    .map((label) => [label, all.filter((index) => labels[index] === label)] as const);
  // n images, each in proportion to n^-balance.
  const weights = classes.map(([, members]) => members.length ** (1 - classBalance));
  const quotas = apportion(quota, weights);
  return classes.map(([id, members], index) => ({ id, members, quota: quotas[index]! }));
}

/** Whole numbers that sum to `total`, in proportion to the weights (largest remainders). */
function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const counts = exact.map(Math.floor);
  const left = total - counts.reduce((a, b) => a + b, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) counts[index]! += 1;
  return counts;
}

/** Places `[from, from + count)` of an endless row of permutations of 0 .. length - 1. */
function placesOf(
  length: number,
  from: number,
  count: number,
  rngOfTurn: (turn: number) => Rng,
): number[] {
  const places: number[] = [];
  let order: number[] = [];
  for (let at = from; at < from + count; at++) {
    const place = at % length;
    if (place === 0 || at === from) {
      const ascending = Array.from({ length }, (_, index) => index);
      order = rngOfTurn(Math.floor(at / length)).shuffle(ascending);
    }
    places.push(order[place]!);
  }
  return places;
}
