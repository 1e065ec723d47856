import { parameterCount, type NetworkConfig } from 'emotion-cam/network';
import { alignedTable } from '../aligned-table.js';
import type { TrainingConfig } from '../config.js';
import { percent } from '../percent.js';
import { provenance } from '../provenance.js';
import {
  RESULTS_VERSION,
  type AblationMetrics,
  type AblationRow,
  type RunPredictions,
} from '../results.js';
import { compareRows } from '../statistics/compare-rows.js';
import { spreadOf } from '../statistics/spread.js';
import { foldResult, originsOfAll, pool, requireDisjoint, type JobResult } from './job-result.js';
import type { TrainingJob } from './training-job.js';

export const ABLATION_ROW_KEYS = ['full', 'without-eca', 'without-fdrl', 'without-both'] as const;
export type AblationRowKey = (typeof ABLATION_ROW_KEYS)[number];

interface RowDefinition {
  readonly name: string;
  readonly network: Pick<NetworkConfig, 'attention' | 'head'>;
}

/** The rows of the paper's Table 2, and one without both parts: what each changes of the network. */
export const ABLATION_ROWS: Readonly<Record<AblationRowKey, RowDefinition>> = {
  full: { name: 'full', network: { attention: 'eca', head: 'fdrl' } },
  'without-eca': { name: 'without ECA', network: { attention: 'none', head: 'fdrl' } },
  'without-fdrl': { name: 'without FDRL', network: { attention: 'eca', head: 'linear' } },
  'without-both': { name: 'without both', network: { attention: 'none', head: 'linear' } },
};

/** The paper's Table 2. */
export const PAPER_ROWS: readonly AblationRowKey[] = ['full', 'without-eca', 'without-fdrl'];

/** The jobs of each row: those of the whole network, with the row's network in their place. */
export function ablationJobs(
  rows: readonly AblationRowKey[],
  jobs: readonly TrainingJob[],
  initOf: (row: AblationRowKey) => string | null,
): TrainingJob[] {
  return rows.flatMap((row) =>
    jobs.map((job) => ({
      ...job,
      name: `${row}/${job.name}`,
      config: {
        ...job.config,
        network: { ...job.config.network, ...ABLATION_ROWS[row].network },
      },
      init: initOf(row),
    })),
  );
}

/** Runs of one network on a set's own split that differ by their seed. */
export function seedJobs(
  config: TrainingConfig,
  seeds: number,
  common: Pick<TrainingJob, 'init' | 'backend' | 'workers' | 'measured'>,
): TrainingJob[] {
  return Array.from({ length: seeds }, (_, index) => ({
    name: `seed-${config.seed + index}`,
    config: { ...config, seed: config.seed + index },
    ...common,
  }));
}

/**
 * The figures of an ablation from its jobs' results, row by row.
 *
 * @param rows - each row's results, in the same order of folds or seeds
 * @throws {TrainerError} `job-mismatch` where the rows were not measured on the same images
 */
export function ablationResults(
  name: string,
  rows: readonly (readonly [AblationRowKey, readonly JobResult[]])[],
): { metrics: AblationMetrics; predictions: RunPredictions } {
  const { job, labels } = rows[0]![1][0]!;
  const { config, measured } = job;
  const { fold } = config;
  const { dataset } = config.stages.at(-1)!;
  const protocol = fold?.protocol ?? 'split';
  const pooled = rows.map(([key, results]) => {
    if (fold) requireDisjoint(results);
    return { name: ABLATION_ROWS[key].name, results, ...pool(results) };
  });
  // Frames of one subject are no independent witnesses; by image the paper's protocol has it so.
  const unitOf = ({ id, group }: { id: string; group: string }): string =>
    protocol === 'image' ? id : group;
  return {
    metrics: {
      formatVersion: RESULTS_VERSION,
      kind: 'ablation',
      name,
      dataset,
      protocol,
      config,
      origins: originsOfAll(rows.flatMap(([, results]) => results)),
      labels,
      rows: pooled.map(({ name: row, results, metrics }): AblationRow => {
        const { network } = results[0]!.job.config;
        return {
          name: row,
          network,
          parameters: parameterCount(network),
          runs: results.map(foldResult),
          accuracy: spreadOf(results.map((result) => result.metrics.accuracy)),
          meanClassAccuracy: spreadOf(results.map((result) => result.metrics.meanClassAccuracy)),
          pooled: metrics,
        };
      }),
      comparisons: pooled.flatMap((first, i) =>
        pooled.slice(i + 1).map((second) => compareRows(first, second, unitOf, config.seed)),
      ),
      provenance: provenance(),
    },
    predictions: {
      formatVersion: RESULTS_VERSION,
      kind: 'predictions',
      labels,
      sets: pooled.map(({ name: row, predictions }) => ({
        row,
        dataset,
        split: measured,
        predictions,
      })),
    },
  };
}

/** Two tables for the console: the rows, and what separates them. */
export function formatAblation({ rows, comparisons }: AblationMetrics): string {
  const spread = ({ mean, standardDeviation }: AblationRow['accuracy']): string =>
    `${percent(mean, 2)} ± ${(100 * standardDeviation).toFixed(2)}`;
  const signed = (share: number): string => (100 * share).toFixed(2);
  return [
    alignedTable(
      ['row', 'parameters', 'runs', 'accuracy', 'mean class', 'all images'],
      rows.map((row) => [
        row.name,
        row.parameters.toLocaleString('en'),
        String(row.runs.length),
        spread(row.accuracy),
        spread(row.meanClassAccuracy),
        percent(row.pooled.accuracy, 2),
      ]),
    ),
    '',
    alignedTable(
      ['first - second', 'difference', '95 % interval', 'only first', 'only second', 'McNemar p'],
      comparisons.map(({ rows: names, difference, interval, mcnemar }) => [
        names.join(' - '),
        `${signed(difference)} points`,
        `${signed(interval[0])} to ${signed(interval[1])}`,
        String(mcnemar.onlyFirst),
        String(mcnemar.onlySecond),
        mcnemar.pValue < 0.001 ? mcnemar.pValue.toExponential(1) : mcnemar.pValue.toFixed(3),
      ]),
    ),
  ].join('\n');
}
