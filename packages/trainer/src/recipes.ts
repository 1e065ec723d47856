import type { DatasetName } from './datasets/dataset.js';
import { TrainerError } from './errors.js';

/** Values over the defaults. */
type Overrides = Readonly<Record<string, unknown>>;

/** A configuration that has a name. */
export interface Recipe {
  /** For `--help`. */
  readonly about: string;
  readonly overrides: Overrides;
  /** Where none of them names a set, `--dataset` does. */
  readonly stages: readonly Overrides[];
}

export const RECIPE_NAMES = ['paper', 'best'] as const;
export type RecipeName = (typeof RECIPE_NAMES)[number];

export const RECIPES: Readonly<Record<RecipeName, Recipe>> = {
  /**
   * Section 4 of the paper. 60 epochs at 224x224, batch 32, Adam with 1e-4, x0.1 every 7 epochs are
   * the defaults. Its augmentation is "randomly cropped to 224, random horizontal flip, random
   * rotation and random crop, normalisation, random erasing" of an image of 256x256, and nothing
   * else; it gives no numbers. Gaps that are filled here, each marked D:
   */
  paper: {
    about: 'section 4 of the paper: 224 pixels, 60 epochs; days without a GPU',
    overrides: {
      augmentation: {
        flipProbability: 0.5, // D: a fair coin
        rotationDegrees: 15, // D
        // "Resize to 256, crop 224": the canonical frame is the centre crop, so the image of 256
        // pixels is that frame and 16 pixels more on each side. A random crop then is a shift of at
        // most 16/224 without a change of size. D: the second random crop is the same one.
        shift: 16 / 224,
        scaleMin: 1,
        scaleMax: 1,
        brightness: 0,
        contrast: 0,
        greyProbability: 0,
        eraseProbability: 0.5, // D: this and the areas are PyTorch's defaults
        eraseAreaMin: 0.02,
        eraseAreaMax: 0.33,
      },
      losses: { useVotes: false, labelSmoothing: 0 },
    },
    stages: [{}],
  },
  /** That of the shipped weights, less what measured nothing (docs/decisions/0010-recipe.md). */
  best: {
    about: 'ours: growing resolution, FER+ first, then RAF-DB with some FER+, weights averaged',
    overrides: {
      batchSize: 64,
      losses: { weightDecay: 0.02 },
      averaging: { decay: 0.99, startEpoch: 0 },
      augmentation: { blurProbability: 0.25, blurMax: 0.03 },
    },
    stages: [
      {
        dataset: 'ferplus',
        imageSize: 48,
        epochs: 10,
        learningRate: 1e-3,
        schedule: { kind: 'one-cycle', warmUpShare: 0.25 },
      },
      {
        dataset: 'raf-db',
        mixWith: [{ dataset: 'ferplus', share: 0.35 }],
        imagesPerEpoch: 14_000,
        classBalance: 0.35,
        imageSize: 64,
        epochs: 8,
        learningRate: 8e-4,
        schedule: { kind: 'one-cycle', warmUpShare: 0.2 },
      },
      {
        dataset: 'raf-db',
        mixWith: [{ dataset: 'ferplus', share: 0.3 }],
        imagesPerEpoch: 13_000,
        classBalance: 0.3,
        imageSize: 112,
        epochs: 10,
        learningRate: 6e-4,
        schedule: { kind: 'one-cycle', warmUpShare: 0.15 },
      },
      {
        dataset: 'raf-db',
        mixWith: [{ dataset: 'ferplus', share: 0.2 }],
        imagesPerEpoch: 11_000,
        classBalance: 0.3,
        imageSize: 224,
        epochs: 14,
        learningRate: 5e-4,
        schedule: { kind: 'one-cycle', warmUpShare: 0.15 },
      },
    ],
  },
};

/**
 * A recipe's values over the defaults.
 *
 * @param dataset - what to train on, where the recipe leaves it open
 * @throws {TrainerError} `argument-invalid` where it does not
 */
export function recipeOverrides(name: RecipeName, dataset?: DatasetName): Record<string, unknown> {
  const { overrides, stages } = RECIPES[name];
  if (dataset !== undefined && stages.some((stage) => 'dataset' in stage)) {
    throw new TrainerError(
      'argument-invalid',
      `The recipe ${name} says which sets its stages use. Leave --dataset ${dataset} out, or take ` +
        'its values into an --experiment of your own.',
    );
  }
  return {
    ...overrides,
    stages: stages.map((stage) => ({ ...stage, ...(dataset && { dataset }) })),
  };
}
