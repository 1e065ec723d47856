import { DEFAULT_NETWORK, type NetworkConfig } from 'emotion-cam/network';
import { DEFAULT_AUGMENTATION, type AugmentConfig } from './augment.js';
import type { DatasetName } from './datasets/dataset.js';
import { TrainerError } from './errors.js';

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
  | { readonly kind: 'one-cycle'; readonly warmUpShare: number };

/** One stage of a run: a data set at one resolution. The next stage starts from its weights. */
export interface StageConfig {
  readonly dataset: DatasetName;
  /** Side of the training images in pixels; the network works at any multiple of 16. */
  readonly imageSize: number;
  readonly epochs: number;
  /** The largest learning rate of the stage's schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleConfig;
}

/** Everything that decides a run's result. It is saved, resolved, with every checkpoint and model. */
export interface TrainingConfig {
  readonly seed: number;
  readonly batchSize: number;
  readonly network: NetworkConfig;
  readonly losses: LossConfig;
  readonly optimizer: OptimizerConfig;
  readonly augmentation: AugmentConfig;
  readonly stages: readonly StageConfig[];
}

/** The learning-rate schedule of the paper: x0.1 every 7 epochs. */
const PAPER_SCHEDULE: ScheduleConfig = { kind: 'step', everyEpochs: 7, factor: 0.1 };

/** A stage as section 4 of the paper has it; experiments override single values. */
export const DEFAULT_STAGE: StageConfig = {
  dataset: 'raf-db',
  imageSize: 224,
  epochs: 60,
  learningRate: 1e-4,
  schedule: PAPER_SCHEDULE,
};

/** The hyper-parameters of the paper, and where it is silent the decisions of docs/paper.md. */
export const DEFAULT_CONFIG: TrainingConfig = {
  seed: 1,
  batchSize: 32,
  network: DEFAULT_NETWORK,
  losses: {
    compactness: 1e-4,
    distribution: 1,
    weightDecay: 1e-4,
    labelSmoothing: 0,
    useVotes: true,
  },
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  augmentation: DEFAULT_AUGMENTATION,
  stages: [DEFAULT_STAGE],
};

type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Copies `overrides` over `defaults`, key by key; a key or type that the defaults lack is an error. */
function merge(defaults: unknown, overrides: unknown, path: string): unknown {
  if (path === 'schedule' || path.endsWith('.schedule')) return checkedSchedule(overrides, path);
  if (isObject(defaults)) {
    if (!isObject(overrides)) throw invalid(path, 'an object', overrides);
    const merged: JsonObject = { ...defaults };
    for (const [key, value] of Object.entries(overrides)) {
      if (!(key in defaults)) {
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
    if (kind === 'step' && isObject(value)) {
      return merge(PAPER_SCHEDULE, value, `${path}(step)`) as ScheduleConfig;
    }
    if (kind === 'one-cycle') {
      const defaults: ScheduleConfig = { kind: 'one-cycle', warmUpShare: 0.2 };
      return merge(defaults, value, `${path}(one-cycle)`) as ScheduleConfig;
    }
  }
  throw invalid(path, 'an object whose kind is "step" or "one-cycle"', value);
}

function invalid(path: string, expected: string, got: unknown): TrainerError {
  return new TrainerError(
    'config-invalid',
    `The configuration's "${path}" must be ${expected}, not ${JSON.stringify(got)}.`,
  );
}

/**
 * The defaults with an experiment's values over them.
 *
 * @throws {TrainerError} `config-unknown-key` or `config-invalid`
 */
export function resolveConfig(overrides: unknown): TrainingConfig {
  const config = merge(DEFAULT_CONFIG, overrides, '') as TrainingConfig;
  for (const [index, stage] of config.stages.entries()) {
    const at = `stages.${index}`;
    if (stage.imageSize < 32 || stage.imageSize % 16 !== 0) {
      throw invalid(`${at}.imageSize`, 'a multiple of 16, at least 32', stage.imageSize);
    }
    if (!Number.isInteger(stage.epochs) || stage.epochs < 1) {
      throw invalid(`${at}.epochs`, 'a whole number of at least 1', stage.epochs);
    }
    if (stage.learningRate <= 0) {
      throw invalid(`${at}.learningRate`, 'a positive number', stage.learningRate);
    }
  }
  if (!Number.isInteger(config.batchSize) || config.batchSize < 2) {
    throw invalid('batchSize', 'a whole number of at least 2', config.batchSize);
  }
  return config;
}
