import type { NetworkConfig } from 'emotion-cam/network';
import type { MultiLabelMetrics } from './attribute-metrics.js';
import type { TrainingConfig } from './config.js';
import type { DatasetName } from './datasets/dataset.js';
import type { Evaluation } from './evaluate.js';
import type { Metrics } from './metrics.js';
import type { EpochRecord } from './train.js';

/** Version of `metrics.json` and `predictions.json`; it changes when a field changes its meaning. */
export const RESULTS_VERSION = 1;

/** What a network said of one image; plain JSON in `predictions.json`. */
export interface Prediction {
  /** Name of the image within its set; never the image itself. */
  readonly id: string;
  /** Images of one group are no independent witnesses: a subject's, or equal files. */
  readonly group: string;
  /** Index into the labels. */
  readonly truth: number;
  /** Shares, sum 1, in the order of the labels, rounded to 5 digits. */
  readonly probabilities: readonly number[];
}

/** What a network said of one split. */
export interface PredictionSet {
  /** Of an ablation: the row that said it. */
  readonly row?: string;
  readonly dataset: DatasetName;
  readonly split: Evaluation['split'];
  readonly predictions: readonly Prediction[];
}

/**
 * `predictions.json`, in the order of its `metrics.json`: of a run a set for each evaluation, of a
 * cross validation all folds together, of an ablation a set for each row.
 */
export interface RunPredictions {
  readonly formatVersion: typeof RESULTS_VERSION;
  readonly kind: 'predictions';
  /** Names of the classes, in the order of the probabilities. */
  readonly labels: readonly string[];
  readonly sets: readonly PredictionSet[];
}

/** Where and how a result was made. */
export interface Provenance {
  /** The command line, without the folders of the machine. */
  readonly command: string;
  /** When the result was written, ISO 8601, UTC. */
  readonly created: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly platform: string;
    readonly node: string;
  };
}

/** Something that left a trace in weights: a data set, or a file from elsewhere. */
export interface Origin {
  readonly name: string;
  /** On which terms. */
  readonly terms: string;
}

/** The epoch whose weights are a run's result, and why. */
export interface ChosenEpoch {
  readonly stage: number;
  readonly epoch: number;
  /** A sentence: on which data and by which figure it was chosen. */
  readonly reason: string;
}

/** One training run: `<run>/metrics.json`. */
export interface RunMetrics {
  readonly formatVersion: typeof RESULTS_VERSION;
  readonly kind: 'run';
  readonly name: string;
  readonly config: TrainingConfig;
  /** What the weights went through, pre-training and teachers too; results of older versions have none. */
  readonly origins?: readonly Origin[];
  readonly backend: string;
  readonly workers: number;
  readonly labels: readonly string[];
  readonly history: readonly EpochRecord[];
  readonly chosen: ChosenEpoch;
  /** Of the chosen epoch: on validation data, and on the fold held out where there is one. */
  readonly evaluations: readonly Evaluation[];
  /** Time of all epochs, training and validation. */
  readonly seconds: number;
  readonly provenance: Provenance;
}

/** One pre-training on attributes: `<run>/metrics.json`. */
export interface PretrainingMetrics extends Omit<RunMetrics, 'kind' | 'evaluations'> {
  readonly kind: 'pretraining';
  /** Of the chosen epoch, on validation data. */
  readonly evaluation: MultiLabelMetrics & {
    readonly dataset: DatasetName;
    readonly split: 'val';
    /** Side of the network's input in pixels. */
    readonly imageSize: number;
    /** Images that could not be decoded; they are in no other number. */
    readonly unreadable: number;
  };
}

/** Mean and spread over folds or seeds. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation (n - 1); 0 for one value. */
  readonly standardDeviation: number;
  readonly values: readonly number[];
}

/** One network measured by folds: `runs/<name>/metrics.json`. */
export interface CrossValidationMetrics {
  readonly formatVersion: typeof RESULTS_VERSION;
  readonly kind: 'cross-validation';
  readonly name: string;
  readonly dataset: string;
  /** `image`: stratified by image (the paper's); `group`: no subject or duplicate on two sides. */
  readonly protocol: 'image' | 'group';
  readonly folds: number;
  readonly config: TrainingConfig;
  /** What the weights went through, pre-training and teachers too; results of older versions have none. */
  readonly origins?: readonly Origin[];
  readonly labels: readonly string[];
  /** One for each fold, in order; measured on the fold held out. */
  readonly runs: readonly FoldResult[];
  readonly accuracy: Spread;
  readonly meanClassAccuracy: Spread;
  readonly macroF1: Spread;
  /** All folds' predictions together: every image once. */
  readonly pooled: Metrics;
  readonly provenance: Provenance;
}

/** The result of one fold or seed. */
export interface FoldResult {
  readonly fold: number;
  readonly seed: number;
  readonly chosen: ChosenEpoch;
  readonly metrics: Metrics;
}

/** One row of Table 2. */
export interface AblationRow {
  readonly name: string;
  readonly network: NetworkConfig;
  readonly parameters: number;
  readonly runs: readonly FoldResult[];
  readonly accuracy: Spread;
  readonly meanClassAccuracy: Spread;
  readonly pooled: Metrics;
}

/** Two rows measured on the same images. */
export interface RowComparison {
  readonly rows: readonly [string, string];
  /** Accuracy of the first minus that of the second. */
  readonly difference: number;
  /** 95 per cent interval of the difference by a paired bootstrap over images (or groups). */
  readonly interval: readonly [number, number];
  /** McNemar's test on the pooled predictions, exact. */
  readonly mcnemar: {
    readonly onlyFirst: number;
    readonly onlySecond: number;
    readonly pValue: number;
  };
}

/** The paper's Table 2 on this data: `runs/<name>/metrics.json`. */
export interface AblationMetrics {
  readonly formatVersion: typeof RESULTS_VERSION;
  readonly kind: 'ablation';
  readonly name: string;
  readonly dataset: string;
  readonly protocol: 'image' | 'group' | 'split';
  readonly config: TrainingConfig;
  /** What the weights went through, pre-training and teachers too; results of older versions have none. */
  readonly origins?: readonly Origin[];
  readonly labels: readonly string[];
  readonly rows: readonly AblationRow[];
  readonly comparisons: readonly RowComparison[];
  readonly provenance: Provenance;
}

/** Everything `report` can turn into a page. */
export type AnyMetrics = RunMetrics | PretrainingMetrics | CrossValidationMetrics | AblationMetrics;

/** File names beside each other in a results folder. */
export const RESULT_FILES = {
  metrics: 'metrics.json',
  predictions: 'predictions.json',
  report: 'report.html',
} as const;
