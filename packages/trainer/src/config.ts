import { DEFAULT_NETWORK, type NetworkConfig } from 'emotion-cam/network';
import { DEFAULT_AUGMENTATION, type AugmentConfig } from './augment.js';
import { DATASET_NAMES, type DatasetName } from './datasets/dataset.js';
import { labelsOf, requireLabels } from './datasets/label-sets.js';
import { TrainerError } from './errors.js';
import { isObject } from './is-object.js';
import { taskOf, taskOfSet } from './task.js';
import { FEWEST_FOLDS, FOLD_PROTOCOLS, FOLD_SELECTIONS, type FoldConfig } from './folds.js';
import { SELECTIONS, type SelectBy } from './selection.js';

export const PRECISIONS = ['float32', 'bfloat16'] as const;

/** Factors of the joint loss L = L_cls + l1 L_C + l2 L_D + l3 L_W (paper, 3.3.4). */
export interface LossConfig {
  /** l1, compactness of the latent features. */
  readonly compactness: number;
  /** l2, distribution of the intra-feature weights. Ours are 0..1, so the term is small. */
  readonly distribution: number;
  /** l3, weight penalty on kernels, applied as decoupled weight decay. */
  readonly weightDecay: number;
  /** Share of the target that is spread evenly over all classes, 0..1. */
  readonly labelSmoothing: number;
  /** Train against FER+'s distribution of votes where a set has one. */
  readonly useVotes: boolean;
}

/** Adam (paper, section 4). */
export interface OptimizerConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** How the learning rate moves within a stage. */
export type ScheduleConfig =
  | { readonly kind: 'step'; readonly everyEpochs: number; readonly factor: number }
  /** Straight up for some epochs (fractions too), then along half a cosine down to 0. */
  | { readonly kind: 'cosine'; readonly warmUpEpochs: number }
  /**
   * From a 25th up and down to a 10,000th, both along half a cosine: the shape of PyTorch's
   * OneCycleLR, without its momentum.
   */
  | { readonly kind: 'one-cycle'; readonly warmUpShare: number };

/** A further set that a stage trains on beside its own. */
export interface MixedSet {
  readonly dataset: DatasetName;
  /** Its share of the images of an epoch, 0..1; the stage's own set has what the others leave. */
  readonly share: number;
}

/** One stage of a run: data at one resolution. The next stage starts from its weights. */
export interface StageConfig {
  /** What the stage trains on, and the set on whose validation split its epochs are judged. */
  readonly dataset: DatasetName;
  /** Sets that are trained on together with it; none of the paper's stages has any. */
  readonly mixWith: readonly MixedSet[];
  /** Images of an epoch; 0: so many that each image of `dataset` comes up once on average. */
  readonly imagesPerEpoch: number;
  /**
   * How far rare classes come up more often, 0..1: an image is drawn in proportion to
   * (images of its class in its set) ^ -classBalance. 0: all alike; 1: all classes alike.
   */
  readonly classBalance: number;
  /** Side of the training images in pixels; the network works at any multiple of 16. */
  readonly imageSize: number;
  readonly epochs: number;
  /** The largest learning rate of the stage's schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleConfig;
}

/** Moving average of the weights and running statistics; it is the network that a run saves. */
export interface AveragingConfig {
  /** What is kept of the average at each step, below 1; 0: no average (the paper). */
  readonly decay: number;
  /** Epoch of each stage, counted from 0, at whose beginning its average starts. */
  readonly startEpoch: number;
}

/** A trained network whose answers are learnt beside the labels (Hinton et al. 2015). */
export interface DistillationConfig {
  /** A checkpoint, or a folder that `export` wrote; empty: none (the paper). */
  readonly teacher: string;
  /** T: both networks' logits are divided by it. */
  readonly temperature: number;
  /** Share of the classification term that is the teacher's, 0..1. */
  readonly weight: number;
  /** Side of the images that the teacher sees; 0: the side that it was trained at last. */
  readonly imageSize: number;
}

/** Everything that decides a run's result. It is saved, resolved, with every checkpoint and model. */
export interface TrainingConfig {
  readonly seed: number;
  readonly batchSize: number;
  /**
   * What the backbone keeps its activations in and multiplies; sums, parameters and the optimiser are
   * float32 in any case. bfloat16 is for the native back end (docs/decisions/0001-native-kernels.md).
   */
  readonly precision: (typeof PRECISIONS)[number];
  readonly network: NetworkConfig;
  readonly losses: LossConfig;
  readonly optimizer: OptimizerConfig;
  readonly averaging: AveragingConfig;
  readonly distillation: DistillationConfig;
  readonly augmentation: AugmentConfig;
  readonly stages: readonly StageConfig[];
  /** By which figure of the validation split each stage's epoch is chosen. */
  readonly selectBy: SelectBy;
  /** Trains on all folds of a set but one; null: on the set's own splits. */
  readonly fold: FoldConfig | null;
}

/** The learning-rate schedule of the paper: x0.1 every 7 epochs. */
const PAPER_SCHEDULE: ScheduleConfig = { kind: 'step', everyEpochs: 7, factor: 0.1 };

/** A stage as section 4 of the paper has it; experiments override single values. */
export const DEFAULT_STAGE: StageConfig = {
  dataset: 'raf-db',
  mixWith: [],
  imagesPerEpoch: 0,
  classBalance: 0,
  imageSize: 224,
  epochs: 60,
  learningRate: 1e-4,
  schedule: PAPER_SCHEDULE,
};

/** The hyper-parameters of the paper, and where it is silent the decisions of docs/paper.md. */
export const DEFAULT_CONFIG: TrainingConfig = {
  seed: 1,
  batchSize: 32,
  precision: 'float32',
  network: DEFAULT_NETWORK,
  losses: {
    compactness: 1e-4,
    distribution: 1,
    weightDecay: 1e-4,
    labelSmoothing: 0,
    useVotes: true,
  },
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  averaging: { decay: 0, startEpoch: 0 },
  distillation: { teacher: '', temperature: 2, weight: 0.5, imageSize: 0 },
  augmentation: DEFAULT_AUGMENTATION,
  stages: [DEFAULT_STAGE],
  selectBy: 'accuracy',
  fold: null,
};

/** A fold's values where a configuration names a fold without them. */
const DEFAULT_FOLD: FoldConfig = {
  dataset: 'ck-plus',
  protocol: 'group',
  folds: 10,
  index: 0,
  seed: 1,
  select: 'validation',
};

/** The sets of a stage, its own first, with their shares of an epoch's images (sum 1). */
export function setsOf({ dataset, mixWith }: StageConfig): MixedSet[] {
  const others = mixWith.reduce((sum, { share }) => sum + share, 0);
  return [{ dataset, share: 1 - others }, ...mixWith];
}

/** Every set that a run needs, each once. */
export function datasetsOf(stages: readonly StageConfig[]): DatasetName[] {
  return [...new Set(stages.flatMap((stage) => setsOf(stage).map(({ dataset }) => dataset)))];
}

type JsonObject = Record<string, unknown>;

/** Copies `overrides` over `defaults`, key by key; a key or type that the defaults lack is an error. */
function merge(defaults: unknown, overrides: unknown, path: string): unknown {
  if (path === 'schedule' || path.endsWith('.schedule')) return checkedSchedule(overrides, path);
  if (path === 'fold' && defaults === null) {
    return overrides === null ? null : merge(DEFAULT_FOLD, overrides, path);
  }
  if (isObject(defaults)) {
    if (!isObject(overrides)) throw invalid(path, 'an object', overrides);
    const merged: JsonObject = { ...defaults };
    for (const [key, value] of Object.entries(overrides)) {
      if (!Object.hasOwn(defaults, key)) {
        throw new TrainerError(
          'config-unknown-key',
          `The configuration has an unknown key "${path ? `${path}.` : ''}${key}". ` +
            `Known keys here: ${Object.keys(defaults).join(', ')}.`,
        );
      }
      merged[key] = merge(defaults[key], value, path ? `${path}.${key}` : key);
    }
    return merged;
  }
  if (path === 'stages') {
    if (!Array.isArray(overrides) || overrides.length === 0) {
      throw invalid(path, 'a list with at least one stage', overrides);
    }
    return overrides.map((stage, index) => merge(DEFAULT_STAGE, stage, `stages.${index}`));
  }
  if (path.endsWith('.mixWith')) {
    if (!Array.isArray(overrides)) throw invalid(path, 'a list', overrides);
    return overrides.map((set: unknown, index) => checkedMixedSet(set, `${path}.${index}`));
  }
  if (Array.isArray(defaults) ? !Array.isArray(overrides) : typeof overrides !== typeof defaults) {
    throw invalid(path, Array.isArray(defaults) ? 'a list' : `a ${typeof defaults}`, overrides);
  }
  if (typeof overrides === 'number' && !Number.isFinite(overrides)) {
    throw invalid(path, 'a finite number', overrides);
  }
  return overrides;
}

function checkedSchedule(value: unknown, path: string): ScheduleConfig {
  if (isObject(value)) {
    const { kind } = value;
    if (kind === 'step') {
      return merge(PAPER_SCHEDULE, value, `${path}(step)`) as ScheduleConfig;
    }
    if (kind === 'cosine') {
      const defaults: ScheduleConfig = { kind: 'cosine', warmUpEpochs: 1 };
      return merge(defaults, value, `${path}(cosine)`) as ScheduleConfig;
    }
    if (kind === 'one-cycle') {
      const defaults: ScheduleConfig = { kind: 'one-cycle', warmUpShare: 0.2 };
      return merge(defaults, value, `${path}(one-cycle)`) as ScheduleConfig;
    }
  }
  throw invalid(path, 'an object whose kind is "step", "cosine" or "one-cycle"', value);
}

function checkedMixedSet(value: unknown, path: string): MixedSet {
  const isWhole = isObject(value) && 'dataset' in value && 'share' in value;
  if (!isWhole) throw invalid(path, 'an object with a dataset and a share', value);
  const types: MixedSet = { dataset: DEFAULT_STAGE.dataset, share: 0 };
  return merge(types, value, path) as MixedSet;
}

function invalid(path: string, expected: string, got: unknown): TrainerError {
  return new TrainerError(
    'config-invalid',
    `The configuration's "${path}" must be ${expected}, not ${JSON.stringify(got)}.`,
  );
}

/** A value that must hold, and what it must be in words. */
type Rule = readonly [path: string, value: number, expected: string, holds: boolean];

const isCount = (value: number, least: number): boolean =>
  Number.isInteger(value) && value >= least;

/** Ranges of a stage's numbers. */
function stageRules(stage: StageConfig, index: number): Rule[] {
  const at = `stages.${index}`;
  const { imageSize, epochs, learningRate, schedule, imagesPerEpoch, classBalance } = stage;
  const mixed = stage.mixWith.reduce((sum, { share }) => sum + share, 0);
  const rules: Rule[] = [
    [
      `${at}.imageSize`,
      imageSize,
      'a multiple of 16, at least 32',
      isCount(imageSize, 32) && imageSize % 16 === 0,
    ],
    [`${at}.epochs`, epochs, 'a whole number of at least 1', isCount(epochs, 1)],
    [`${at}.learningRate`, learningRate, 'a positive number', learningRate > 0],
    [
      `${at}.imagesPerEpoch`,
      imagesPerEpoch,
      'a whole number, or 0 for as many as the set has',
      isCount(imagesPerEpoch, 0),
    ],
    [`${at}.classBalance`, classBalance, 'from 0 to 1', classBalance >= 0 && classBalance <= 1],
    ...stage.mixWith.map(({ share }, other): Rule => [
      `${at}.mixWith.${other}.share`,
      share,
      'above 0 and below 1',
      share > 0 && share < 1,
    ]),
    [`${at}.mixWith`, mixed, 'shares that leave some of 1 to the own set', mixed < 1],
  ];
  if (schedule.kind === 'one-cycle') {
    const { warmUpShare } = schedule;
    const holds = warmUpShare >= 0 && warmUpShare < 1;
    rules.push([`${at}.schedule.warmUpShare`, warmUpShare, 'at least 0 and below 1', holds]);
  } else if (schedule.kind === 'cosine') {
    const { warmUpEpochs } = schedule;
    const holds = warmUpEpochs >= 0 && warmUpEpochs < epochs;
    const expected = "at least 0 and below the stage's epochs";
    rules.push([`${at}.schedule.warmUpEpochs`, warmUpEpochs, expected, holds]);
  } else {
    const { everyEpochs, factor } = schedule;
    rules.push(
      [
        `${at}.schedule.everyEpochs`,
        everyEpochs,
        'a whole number of at least 1',
        isCount(everyEpochs, 1),
      ],
      [`${at}.schedule.factor`, factor, 'a positive number', factor > 0],
    );
  }
  return rules;
}

/** Ranges of a fold's numbers. */
function foldRules({ folds, index, seed }: FoldConfig): Rule[] {
  const least = `a whole number of at least ${FEWEST_FOLDS}`;
  return [
    ['fold.folds', folds, least, isCount(folds, FEWEST_FOLDS)],
    ['fold.index', index, `a whole number below ${folds}`, isCount(index, 0) && index < folds],
    ['fold.seed', seed, 'a whole number', Number.isInteger(seed)],
  ];
}

/** Ranges of the distillation's numbers. */
function distillationRules({ temperature, weight, imageSize }: DistillationConfig): Rule[] {
  const isSize = imageSize === 0 || (isCount(imageSize, 32) && imageSize % 16 === 0);
  return [
    ['distillation.temperature', temperature, 'a positive number', temperature > 0],
    ['distillation.weight', weight, 'from 0 to 1', weight >= 0 && weight <= 1],
    ['distillation.imageSize', imageSize, '0 or a multiple of 16, at least 32', isSize],
  ];
}

/** Ranges of the augmentation's numbers. */
function augmentationRules(config: AugmentConfig): Rule[] {
  const { scaleMin, scaleMax, eraseAreaMin, eraseAreaMax } = config;
  const { brightness, contrast, rotationDegrees, shift, mixUpAlpha, cutMixAlpha } = config;
  const { flipProbability, greyProbability, blurProbability, eraseProbability } = config;
  const shares = {
    ...{ flipProbability, greyProbability, blurProbability, eraseProbability },
    ...{ mixProbability: config.mixProbability, blurMax: config.blurMax },
    ...{ brightness, contrast, eraseAreaMin, eraseAreaMax },
  };
  const sizes = { rotationDegrees, shift, mixUpAlpha, cutMixAlpha };
  return [
    ...rulesFor('augmentation', shares, 'from 0 to 1', (value) => value >= 0 && value <= 1),
    ...rulesFor('augmentation', sizes, 'at least 0', (value) => value >= 0),
    ['augmentation.scaleMin', scaleMin, 'a positive number', scaleMin > 0],
    ['augmentation.scaleMax', scaleMax, 'at least scaleMin', scaleMax >= scaleMin],
    ['augmentation.eraseAreaMax', eraseAreaMax, 'at least its Min', eraseAreaMax >= eraseAreaMin],
  ];
}

/** The same rule for several values of one object. */
function rulesFor(
  path: string,
  values: Readonly<Record<string, number>>,
  expected: string,
  holds: (value: number) => boolean,
): Rule[] {
  return Object.entries(values).map(([key, value]): Rule => [
    `${path}.${key}`,
    value,
    expected,
    holds(value),
  ]);
}

/** Ranges of the numbers outside the stages. */
function commonRules(config: TrainingConfig): Rule[] {
  const { batchSize, network, losses, optimizer, averaging, augmentation } = config;
  const { width, latentFeatures, latentWidth, delta } = network;
  const { labelSmoothing, compactness, distribution, weightDecay } = losses;
  const { beta1, beta2, epsilon } = optimizer;
  const { decay, startEpoch } = averaging;
  const isShare = (value: number): boolean => value >= 0 && value <= 1;
  const keeps = (value: number): boolean => value >= 0 && value < 1;
  const counts = { width, latentFeatures, latentWidth };
  const factors = { compactness, distribution, weightDecay };
  return [
    ['batchSize', batchSize, 'a whole number of at least 2', isCount(batchSize, 2)],
    ...rulesFor('network', counts, 'a whole number of at least 1', (n) => isCount(n, 1)),
    ...rulesFor('network', { delta }, 'from 0 to 1', isShare),
    ...rulesFor('losses', factors, 'at least 0', (value) => value >= 0),
    ...rulesFor('losses', { labelSmoothing }, 'from 0 to 1', isShare),
    ...rulesFor('optimizer', { beta1, beta2 }, 'at least 0 and below 1', keeps),
    ['optimizer.epsilon', epsilon, 'a positive number', epsilon > 0],
    ...rulesFor('averaging', { decay }, 'at least 0 and below 1', keeps),
    ...rulesFor('averaging', { startEpoch }, 'a whole number', (n) => isCount(n, 0)),
    ...distillationRules(config.distillation),
    ...augmentationRules(augmentation),
  ];
}

/** The values that a choice may take. */
const CHOICES = {
  attention: ['eca', 'none'],
  head: ['fdrl', 'linear'],
  similarity: ['dot', 'cosine', 'euclidean'],
} as const satisfies { [K in keyof NetworkConfig]?: readonly NetworkConfig[K][] };

function requireChoices(config: TrainingConfig): void {
  const among = (path: string, value: string, choices: readonly string[]): void => {
    if (!choices.includes(value)) throw invalid(path, `one of ${choices.join(', ')}`, value);
  };
  for (const [key, choices] of Object.entries(CHOICES)) {
    among(`network.${key}`, config.network[key as keyof typeof CHOICES], choices);
  }
  among('precision', config.precision, PRECISIONS);
  config.stages.forEach((stage, index) => {
    const names = setsOf(stage).map(({ dataset }) => dataset);
    names.forEach((name, set) => {
      const path = set === 0 ? 'dataset' : `mixWith.${set - 1}.dataset`;
      among(`stages.${index}.${path}`, name, DATASET_NAMES);
    });
    if (new Set(names).size < names.length) {
      throw invalid(`stages.${index}.mixWith`, 'sets that the stage names only once', names);
    }
    const own = { by: stage.dataset, labels: labelsOf(stage.dataset) };
    for (const { dataset } of stage.mixWith) {
      requireLabels(`${dataset}, which stages.${index} mixes in,`, labelsOf(dataset), own);
    }
  });
  requireOneTask(config);
  among('selectBy', config.selectBy, SELECTIONS);
  if (config.fold) {
    among('fold.dataset', config.fold.dataset, DATASET_NAMES);
    among('fold.protocol', config.fold.protocol, FOLD_PROTOCOLS);
    among('fold.select', config.fold.select, FOLD_SELECTIONS);
  }
  const { blocks } = config.network;
  if (blocks.length === 0 || !blocks.every((count) => isCount(count, 1))) {
    throw invalid('network.blocks', 'a list of whole numbers of at least 1', blocks);
  }
}

/** Attributes are learnt by themselves, by the backbone and one layer. */
function requireOneTask(config: TrainingConfig): void {
  const task = taskOf(config);
  for (const name of datasetsOf(config.stages)) {
    if (taskOfSet(name) !== task) {
      throw invalid(
        'stages',
        `all on sets of ${task} as the first is, or split into two runs`,
        name,
      );
    }
  }
  if (task === 'attributes' && config.network.head !== 'linear') {
    throw invalid('network.head', '"linear" with attributes (the command pretrain)', 'fdrl');
  }
  const { teacher } = config.distillation;
  if (task === 'attributes' && teacher !== '') {
    throw invalid('distillation.teacher', 'empty with attributes', teacher);
  }
}

/**
 * The defaults with an experiment's values over them.
 *
 * @throws {TrainerError} `config-unknown-key`, `config-invalid`, or `labels-differ` where a stage mixes
 *   sets whose classes are not the same
 */
export function resolveConfig(overrides: unknown): TrainingConfig {
  const config = merge(DEFAULT_CONFIG, overrides, '') as TrainingConfig;
  requireChoices(config);
  for (const [path, value, expected, holds] of [
    ...commonRules(config),
    ...config.stages.flatMap(stageRules),
    ...(config.fold ? foldRules(config.fold) : []),
  ]) {
    if (!holds) throw invalid(path, expected, value);
  }
  return config;
}
