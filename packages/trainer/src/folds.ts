import type { DatasetName, Sample, Split } from './datasets/dataset.js';
import { TrainerError } from './errors.js';
import { createRng } from './rng.js';

/**
 * `image`: stratified by image, the paper's protocol; near-identical frames may lie on two sides.
 * `group`: no subject and no duplicate on two sides.
 */
export const FOLD_PROTOCOLS = ['image', 'group'] as const;
export type FoldProtocol = (typeof FOLD_PROTOCOLS)[number];

/** On which images a fold's epoch is chosen; `test` is the fold that is measured: optimistic. */
export const FOLD_SELECTIONS = ['validation', 'test'] as const;
export type FoldSelection = (typeof FOLD_SELECTIONS)[number];

/** One fold of a cross validation; part of a run's configuration, so it is saved with it. */
export interface FoldConfig {
  /** The set that is cut into folds; stages on other sets keep those sets' own splits. */
  readonly dataset: DatasetName;
  readonly protocol: FoldProtocol;
  readonly folds: number;
  /** The fold that is held out, 0 .. folds - 1. */
  readonly index: number;
  /** Decides which images fall into which fold, and nothing else. */
  readonly seed: number;
  readonly select: FoldSelection;
}

/** The splits of a fold; it has no second part to confirm on. */
export type FoldSplit = Exclude<Split, 'val2'>;

/** The test fold, the validation fold and at least one to train on. */
export const FEWEST_FOLDS = 3;

/**
 * The part of a set that a fold's run sees as `split`: `test` is the fold held out, `val` the fold
 * after it, `train` all others, `train-all` everything but `test`. So the epoch is never chosen on
 * the images that are measured, unless `select` says so; then `val` is `test`.
 *
 * @param samples - the whole set, in any order; the parts keep that order
 * @throws {TrainerError} `argument-invalid` with fewer groups than folds
 */
export function partOfFold(
  samples: readonly Sample[],
  fold: FoldConfig,
  split: FoldSplit,
): Sample[] {
  const { folds, index, select } = fold;
  const foldOf = assignFolds(samples, fold);
  const validation = select === 'test' ? index : (index + 1) % folds;
  const belongs: Readonly<Record<FoldSplit, (k: number) => boolean>> = {
    test: (k) => k === index,
    val: (k) => k === validation,
    train: (k) => k !== index && k !== validation,
    'train-all': (k) => k !== index,
  };
  return samples.filter((_, i) => belongs[split](foldOf[i]!));
}

/** Images that go to the same fold. */
interface Unit {
  readonly indices: readonly number[];
  /** Images of each class. */
  readonly classCounts: readonly number[];
}

/**
 * Deals a set out into folds: the fold of each sample, 0 .. folds - 1. Depends on the samples'
 * names, labels and groups and on the seed, and not on their order.
 *
 * Units (images, or whole groups) go one after the other, the large ones first, to the fold that
 * has the smallest share of their classes so far; where that is equal, to the one with the fewest
 * images. By image every class is spread to within one image.
 *
 * @throws {TrainerError} `argument-invalid` with fewer units than folds
 */
export function assignFolds(
  samples: readonly Sample[],
  { dataset, protocol, folds, seed }: Pick<FoldConfig, 'dataset' | 'protocol' | 'folds' | 'seed'>,
): number[] {
  const units = unitsOf(samples, protocol);
  if (units.length < folds) {
    throw new TrainerError(
      'argument-invalid',
      `${dataset} has ${samples.length} images in ${units.length} ` +
        `${protocol === 'group' ? 'groups that must not be split' : 'units'}, too few for ` +
        `${folds} folds. Use fewer folds${protocol === 'group' ? ' or the protocol image' : ''}.`,
    );
  }
  createRng(seed).shuffle(units);
  units.sort((a, b) => b.indices.length - a.indices.length); // stable: the shuffle decides ties

  const classes = units[0]?.classCounts.length ?? 0;
  const totals = Array.from({ length: classes }, (_, k) =>
    units.reduce((sum, { classCounts }) => sum + classCounts[k]!, 0),
  );
  const filled = Array.from({ length: folds }, () => ({
    images: 0,
    classCounts: new Array<number>(classes).fill(0),
  }));
  const foldOf = new Array<number>(samples.length);
  for (const { indices, classCounts } of units) {
    // How much the sum of squared class shares would grow, without what is equal for all folds.
    const crowding = filled.map((fold) =>
      classCounts.reduce(
        (sum, count, k) =>
          count === 0 ? sum : sum + (count * fold.classCounts[k]!) / totals[k]! ** 2,
        0,
      ),
    );
    const best = filled.reduce(
      (chosen, { images }, k) =>
        crowding[k]! < crowding[chosen]! ||
        (crowding[k] === crowding[chosen] && images < filled[chosen]!.images)
          ? k
          : chosen,
      0,
    );
    const fold = filled[best]!;
    fold.images += indices.length;
    classCounts.forEach((count, k) => (fold.classCounts[k]! += count));
    for (const index of indices) foldOf[index] = best;
  }
  return foldOf;
}

/** Single images or whole groups, in the order of their names. */
function unitsOf(samples: readonly Sample[], protocol: FoldProtocol): Unit[] {
  const classes = 1 + samples.reduce((most, { label }) => Math.max(most, label), -1);
  const byName = new Map<string, number[]>();
  samples.forEach(({ id, group }, index) => {
    const name = protocol === 'group' ? group : id;
    const indices = byName.get(name);
    if (indices) indices.push(index);
    else byName.set(name, [index]);
  });
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, indices]) => {
      const classCounts = new Array<number>(classes).fill(0);
      for (const index of indices) classCounts[samples[index]!.label]! += 1;
      return { indices, classCounts };
    });
}
