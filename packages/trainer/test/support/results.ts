import { DEFAULT_CONFIG } from '../../src/config.js';
import { computeMetrics } from '../../src/metrics.js';
import {
  RESULTS_VERSION,
  type AblationMetrics,
  type CrossValidationMetrics,
  type FoldResult,
  type Prediction,
  type PretrainingMetrics,
  type Provenance,
  type RunMetrics,
  type RunPredictions,
} from '../../src/results.js';
import { createRng } from '../../src/rng.js';
import { compareRows } from '../../src/statistics/compare-rows.js';
import { spreadOf } from '../../src/statistics/spread.js';
import { EMOTIONS } from 'emotion-cam/network';

/** A machine and a command line that no test has. */
export const PROVENANCE: Provenance = {
  command: 'npm run trainer -- train --name sample --dataset raf-db --root <folder>',
  created: '2026-11-24T10:00:00.000Z',
  machine: { cpu: 'Abacus 7', cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v20.19.0' },
};

/** Predictions of generated images: mostly right, mostly sure of it. */
export function samplePredictions(count: number, seed = 1): Prediction[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, (_, index) => {
    const truth = index % EMOTIONS.length;
    const guess = rng.uniform() < 0.75 ? truth : rng.integer(EMOTIONS.length);
    const confidence = 0.4 + 0.6 * rng.uniform();
    const rest = (1 - confidence) / (EMOTIONS.length - 1);
    return {
      id: `image-${index}`,
      group: `subject-${Math.floor(index / 3)}`,
      truth,
      probabilities: EMOTIONS.map((_, k) => (k === guess ? confidence : rest)),
    };
  });
}

/** The results of a run that never was. */
export function sampleRun(predictions = samplePredictions(210)): {
  metrics: RunMetrics;
  predictions: RunPredictions;
} {
  const { truth, shares } = flat(predictions);
  const history = Array.from({ length: 6 }, (_, index) => ({
    stage: index < 2 ? 0 : 1,
    epoch: index < 2 ? index : index - 2,
    dataset: 'raf-db' as const,
    imageSize: index < 2 ? 64 : 224,
    learningRate: 1e-3 / (index + 1),
    loss: 2 / (index + 1),
    classification: 1.9 / (index + 1),
    compactness: 30 + index,
    distribution: 0.001 * index,
    trainAccuracy: 0.5 + index / 20,
    validationLoss: 1.8 / (index + 1),
    validationAccuracy: 0.45 + index / 20,
    validationMeanClassAccuracy: 0.4 + index / 20,
    seconds: 60,
  }));
  return {
    metrics: {
      formatVersion: RESULTS_VERSION,
      kind: 'run',
      name: 'sample',
      config: DEFAULT_CONFIG,
      backend: 'wasm',
      workers: 2,
      labels: EMOTIONS,
      history,
      chosen: { stage: 1, epoch: 3, reason: 'Highest accuracy on the validation split.' },
      evaluations: [
        {
          model: 'best.ckpt',
          dataset: 'raf-db',
          split: 'val',
          imageSize: 224,
          isFlipped: false,
          temperature: 1,
          unreadable: 0,
          backend: 'wasm',
          ...computeMetrics(truth, shares, EMOTIONS),
        },
      ],
      seconds: 360,
      provenance: PROVENANCE,
    },
    predictions: {
      formatVersion: RESULTS_VERSION,
      kind: 'predictions',
      labels: EMOTIONS,
      sets: [{ dataset: 'raf-db', split: 'val', predictions }],
    },
  };
}

/** The results of a pre-training that never was: two attributes, one of them rare. */
export function samplePretraining(): PretrainingMetrics {
  const { config, backend, workers, history, chosen, seconds } = sampleRun().metrics;
  const attributes = [
    { label: 'Bald', share: 0.02, accuracy: 0.97, balancedAccuracy: 0.61 },
    { label: 'Smiling', share: 0.48, accuracy: 0.9, balancedAccuracy: 0.89 },
  ];
  return {
    formatVersion: RESULTS_VERSION,
    kind: 'pretraining',
    name: 'sample-attributes',
    ...{ config, backend, workers, history, chosen, seconds },
    provenance: PROVENANCE,
    labels: attributes.map(({ label }) => label),
    origins: [{ name: 'celeba', terms: 'research' }],
    evaluation: {
      ...{ dataset: 'celeba', split: 'val', imageSize: 224, unreadable: 3, count: 200 },
      ...{ accuracy: 0.935, balancedAccuracy: 0.75, loss: 0.2, attributes },
    },
  };
}

/** The results of a cross validation that never was. */
export function sampleCrossValidation(): CrossValidationMetrics {
  const folds = [1, 2, 3, 4, 5].map((seed) => foldOf(seed - 1, samplePredictions(140, seed)));
  const { truth, shares } = flat([1, 2, 3, 4, 5].flatMap((seed) => samplePredictions(140, seed)));
  return {
    formatVersion: RESULTS_VERSION,
    kind: 'cross-validation',
    name: 'sample-folds',
    dataset: 'ck-plus',
    protocol: 'image',
    folds: folds.length,
    config: DEFAULT_CONFIG,
    labels: EMOTIONS,
    runs: folds,
    accuracy: spreadOf(folds.map(({ metrics }) => metrics.accuracy)),
    meanClassAccuracy: spreadOf(folds.map(({ metrics }) => metrics.meanClassAccuracy)),
    macroF1: spreadOf(folds.map(({ metrics }) => metrics.macroF1)),
    pooled: computeMetrics(truth, shares, EMOTIONS),
    provenance: PROVENANCE,
  };
}

/** The results of an ablation that never was: Table 2 and a row that the paper does not have. */
export function sampleAblation(): { metrics: AblationMetrics; predictions: RunPredictions } {
  const networks = [
    { attention: 'eca', head: 'fdrl', name: 'FDRL-ECANet' },
    { attention: 'none', head: 'fdrl', name: 'without ECA' },
    { attention: 'eca', head: 'linear', name: 'without FDRL' },
    { attention: 'none', head: 'linear', name: 'neither' },
  ] as const;
  const predictions = networks.map((_, i) => samplePredictions(210, i + 1));
  const rows = networks.map(({ name, attention, head }, i) => {
    const runs = [1, 2].map((seed) => foldOf(0, samplePredictions(210, 10 * i + seed), seed));
    const { truth, shares } = flat(predictions[i]!);
    return {
      name,
      network: { ...DEFAULT_CONFIG.network, attention, head },
      parameters: 12_065_643 - i,
      runs,
      accuracy: spreadOf(runs.map(({ metrics }) => metrics.accuracy)),
      meanClassAccuracy: spreadOf(runs.map(({ metrics }) => metrics.meanClassAccuracy)),
      pooled: computeMetrics(truth, shares, EMOTIONS),
    };
  });
  const first = { name: rows[0]!.name, predictions: predictions[0]! };
  return {
    metrics: {
      formatVersion: RESULTS_VERSION,
      kind: 'ablation',
      name: 'sample-rows',
      dataset: 'raf-db',
      protocol: 'split',
      config: DEFAULT_CONFIG,
      labels: EMOTIONS,
      rows,
      comparisons: rows
        .slice(1)
        .map(({ name }, i) =>
          compareRows(first, { name, predictions: predictions[i + 1]! }, ({ id }) => id, 1),
        ),
      provenance: PROVENANCE,
    },
    predictions: {
      formatVersion: RESULTS_VERSION,
      kind: 'predictions',
      labels: EMOTIONS,
      sets: rows.map(({ name }, i) => ({
        row: name,
        dataset: 'raf-db',
        split: 'val',
        predictions: predictions[i]!,
      })),
    },
  };
}

function foldOf(fold: number, predictions: readonly Prediction[], seed = 1): FoldResult {
  const { truth, shares } = flat(predictions);
  return {
    fold,
    seed,
    chosen: { stage: 0, epoch: 3, reason: 'Highest accuracy on the validation fold.' },
    metrics: computeMetrics(truth, shares, EMOTIONS),
  };
}

function flat(predictions: readonly Prediction[]): { truth: number[]; shares: number[] } {
  return {
    truth: predictions.map((each) => each.truth),
    shares: predictions.flatMap((each) => each.probabilities),
  };
}
