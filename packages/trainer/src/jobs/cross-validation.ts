import { alignedTable } from '../aligned-table.js';
import type { TrainingConfig } from '../config.js';
import type { FoldConfig } from '../folds.js';
import { formatTable } from '../metrics.js';
import { percent } from '../percent.js';
import { provenance } from '../provenance.js';
import { RESULTS_VERSION, type CrossValidationMetrics, type RunPredictions } from '../results.js';
import { spreadOf } from '../statistics/spread.js';
import { foldResult, originsOfAll, pool, requireDisjoint, type JobResult } from './job-result.js';
import type { TrainingJob } from './training-job.js';

/** Jobs of a network over all folds of a set. */
export function foldJobs(
  config: TrainingConfig,
  fold: Omit<FoldConfig, 'index'>,
  common: Pick<TrainingJob, 'init' | 'backend' | 'workers'>,
): TrainingJob[] {
  const digits = String(fold.folds).length;
  return Array.from({ length: fold.folds }, (_, index) => ({
    name: `fold-${String(index + 1).padStart(digits, '0')}`,
    config: { ...config, fold: { ...fold, index } },
    measured: 'test',
    ...common,
  }));
}

/**
 * The figures of a cross validation from its jobs' results, in the order of the folds.
 *
 * @throws {TrainerError} `job-mismatch` where an image is in two folds
 */
export function crossValidationResults(
  name: string,
  fold: Omit<FoldConfig, 'index'>,
  results: readonly JobResult[],
): { metrics: CrossValidationMetrics; predictions: RunPredictions } {
  requireDisjoint(results);
  const { dataset, protocol, folds } = fold;
  const { labels, job } = results[0]!;
  const pooled = pool(results);
  const spread = (key: 'accuracy' | 'meanClassAccuracy' | 'macroF1') =>
    spreadOf(results.map(({ metrics }) => metrics[key]));
  return {
    metrics: {
      formatVersion: RESULTS_VERSION,
      kind: 'cross-validation',
      name,
      dataset,
      protocol,
      folds,
      config: job.config,
      origins: originsOfAll(results),
      labels,
      runs: results.map(foldResult),
      accuracy: spread('accuracy'),
      meanClassAccuracy: spread('meanClassAccuracy'),
      macroF1: spread('macroF1'),
      pooled: pooled.metrics,
      provenance: provenance(),
    },
    predictions: {
      formatVersion: RESULTS_VERSION,
      kind: 'predictions',
      labels,
      sets: [{ dataset, split: 'test', predictions: pooled.predictions }],
    },
  };
}

/** A table for the console. */
export function formatCrossValidation(metrics: CrossValidationMetrics): string {
  const { runs, accuracy, meanClassAccuracy, macroF1, pooled } = metrics;
  const rows = runs.map(({ fold, chosen, metrics: own }) => [
    String(fold + 1),
    String(own.count),
    percent(own.accuracy, 2),
    percent(own.meanClassAccuracy, 2),
    own.macroF1.toFixed(4),
    String(chosen.epoch + 1),
  ]);
  rows.push([
    'mean',
    '',
    percent(accuracy.mean, 2),
    percent(meanClassAccuracy.mean, 2),
    macroF1.mean.toFixed(4),
    '',
  ]);
  rows.push([
    'sd',
    '',
    percent(accuracy.standardDeviation, 2),
    percent(meanClassAccuracy.standardDeviation, 2),
    macroF1.standardDeviation.toFixed(4),
    '',
  ]);
  return [
    alignedTable(['fold', 'images', 'accuracy', 'mean class', 'F1', 'epoch'], rows),
    '',
    `All folds together: ${percent(pooled.accuracy, 2)} of ${pooled.count} images`,
    formatTable(pooled),
  ].join('\n');
}
