import { EMOTIONS } from 'emotion-cam/network';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config.js';
import {
  ablationJobs,
  ablationResults,
  formatAblation,
  seedJobs,
} from '../../src/jobs/ablation.js';
import {
  crossValidationResults,
  foldJobs,
  formatCrossValidation,
} from '../../src/jobs/cross-validation.js';
import type { JobResult } from '../../src/jobs/job-result.js';
import { shareDone, type TrainingJob } from '../../src/jobs/training-job.js';
import { computeMetrics } from '../../src/metrics.js';

const CONFIG = resolveConfig({
  seed: 4,
  stages: [
    { dataset: 'raf-db', imageSize: 32, epochs: 4 },
    { dataset: 'raf-db', imageSize: 64, epochs: 2 },
  ],
});
const FOLD = {
  dataset: 'raf-db',
  protocol: 'group',
  folds: 3,
  seed: 2,
  select: 'validation',
} as const;
const COMMON = { init: null, backend: 'wasm', workers: 1 } as const;

/** A job's result: of its seven images, one of each class, the first `hits` are right. */
function resultOf(job: TrainingJob, hits: number): JobResult {
  const fold = job.config.fold?.index ?? 0;
  const predictions = EMOTIONS.map((_, truth) => ({
    id: `fold-${fold}-image-${truth}`,
    group: `fold-${fold}-subject-${truth % 2}`,
    truth,
    probabilities: EMOTIONS.map((__, k) => Number(k === (truth < hits ? truth : (truth + 1) % 7))),
  }));
  const truth = predictions.map((each) => each.truth);
  return {
    job,
    fold,
    seed: job.config.seed,
    chosen: { stage: 1, epoch: fold, reason: 'The test says so.' },
    metrics: computeMetrics(
      truth,
      predictions.flatMap(({ probabilities }) => probabilities),
      EMOTIONS,
    ),
    labels: EMOTIONS,
    origins: [{ name: 'raf-db', terms: 'research' }],
    predictions,
  };
}

describe('the jobs of a cross validation', () => {
  it('differ by the fold that they hold out and by nothing else', () => {
    const jobs = foldJobs(CONFIG, { ...FOLD, folds: 10 }, COMMON);
    expect(jobs.map(({ name }) => name).slice(0, 2)).toEqual(['fold-01', 'fold-02']);
    expect(jobs.map(({ config }) => config.fold?.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { config, measured } of jobs) {
      expect(measured).toBe('test');
      expect({ ...config, fold: null }).toEqual(CONFIG);
    }
  });
});

describe('the table of a cross validation', () => {
  const jobs = foldJobs(CONFIG, FOLD, COMMON);
  const results = jobs.map((job, index) => resultOf(job, [7, 5, 3][index]!));

  it('has the mean and spread of the folds and all their images together', () => {
    const { metrics, predictions } = crossValidationResults('cv', FOLD, results);
    expect(metrics.accuracy.mean).toBeCloseTo(5 / 7, 12);
    expect(metrics.accuracy.standardDeviation).toBeCloseTo(2 / 7, 12); // 7/7, 5/7, 3/7
    expect(metrics.origins).toEqual([{ name: 'raf-db', terms: 'research' }]); // once, not three times
    expect(metrics.pooled).toMatchObject({ count: 21, accuracy: 15 / 21 });
    expect(metrics.runs.map(({ fold, chosen }) => [fold, chosen.epoch])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(predictions.sets.map((set) => set.predictions.length)).toEqual([21]);
    expect(formatCrossValidation(metrics)).toMatch(/mean +71\.43 %[^]*15|sd +28\.57 %/);
  });

  it('is refused where an image was measured in two folds', () => {
    const twice = [results[0]!, results[1]!, { ...results[0]!, fold: 2 }];
    expect(() => crossValidationResults('cv', FOLD, twice)).toThrow(
      expect.objectContaining({
        code: 'job-mismatch',
        message: expect.stringContaining(
          'fold-0-image-0 was measured in fold 1 and in fold 3',
        ) as string,
      }),
    );
  });
});

describe('the jobs of an ablation', () => {
  it('give every row the same folds, seed and budget, and its own network', () => {
    const jobs = ablationJobs(
      ['full', 'without-eca', 'without-fdrl', 'without-both'],
      foldJobs(CONFIG, FOLD, COMMON),
      (row) => (row === 'without-eca' ? 'b' : 'a'),
    );
    expect(jobs).toHaveLength(12);
    expect(jobs[3]!.name).toBe('without-eca/fold-1');
    const networks = [0, 3, 6, 9].map((i) => jobs[i]!.config.network);
    expect(networks.map(({ attention, head }) => [attention, head])).toEqual([
      ['eca', 'fdrl'],
      ['none', 'fdrl'],
      ['eca', 'linear'],
      ['none', 'linear'],
    ]);
    expect(jobs.map(({ init }) => init).join('')).toBe('aaabbbaaaaaa');
    const others = (i: number): unknown => ({ ...jobs[i]!.config, network: null });
    expect(others(3)).toEqual(others(0));
  });

  it('over seeds have no fold, and seeds one after the other', () => {
    const jobs = seedJobs(CONFIG, 3, { ...COMMON, measured: 'val' });
    expect(jobs.map(({ name, config }) => [name, config.seed, config.fold])).toEqual([
      ['seed-4', 4, null],
      ['seed-5', 5, null],
      ['seed-6', 6, null],
    ]);
  });
});

describe('the table of an ablation', () => {
  it('compares every two rows on the images of all folds', () => {
    const folds = foldJobs(CONFIG, FOLD, COMMON);
    const rows = (['full', 'without-eca', 'without-fdrl'] as const).map((row, index) => {
      const jobs = ablationJobs([row], folds, () => null);
      return [row, jobs.map((job) => resultOf(job, 7 - index))] as const;
    });
    const { metrics, predictions } = ablationResults('ablation', rows);
    expect(metrics).toMatchObject({ kind: 'ablation', dataset: 'raf-db', protocol: 'group' });
    expect(metrics.rows.map(({ name, accuracy }) => [name, accuracy.mean])).toEqual([
      ['full', 1],
      ['without ECA', 6 / 7],
      ['without FDRL', 5 / 7],
    ]);
    const compared = metrics.comparisons.map(({ rows: names, mcnemar }) => {
      const { onlyFirst, onlySecond, pValue } = mcnemar;
      return [...names, onlyFirst, onlySecond, Number(pValue.toFixed(12))];
    });
    expect(compared).toEqual([
      ['full', 'without ECA', 3, 0, 2 / 8],
      ['full', 'without FDRL', 6, 0, 2 / 64],
      ['without ECA', 'without FDRL', 3, 0, 2 / 8],
    ]);
    expect(predictions.sets.map(({ row }) => row)).toEqual(['full', 'without ECA', 'without FDRL']);
    expect(formatAblation(metrics)).toContain('full - without ECA');
  });

  it('over seeds counts every image once for each seed', () => {
    const jobs = seedJobs(CONFIG, 2, { ...COMMON, measured: 'val' });
    const rows = (['full', 'without-eca'] as const).map(
      (row, index) => [row, jobs.map((job) => resultOf(job, 7 - index))] as const,
    );
    const { metrics } = ablationResults('seeds', rows);
    expect(metrics.protocol).toBe('split');
    expect(metrics.rows[0]!.pooled.count).toBe(14);
    expect(metrics.comparisons[0]!.mcnemar.onlyFirst).toBe(2);
  });
});

describe('how much of a job is done', () => {
  it('counts the stages by their epochs and pixels', () => {
    // 4 epochs at 32 are as much work as 1 at 64: the second stage, of 2, is two thirds.
    const { stages } = CONFIG;
    expect(shareDone(stages, { stage: 0, epoch: 0, step: 0 }, 10)).toBe(0);
    expect(shareDone(stages, { stage: 0, epoch: 2, step: 0 }, 10)).toBeCloseTo(1 / 6, 12);
    expect(shareDone(stages, { stage: 1, epoch: 1, step: 5 }, 10)).toBeCloseTo(1 / 3 + 0.5, 12);
    expect(shareDone(stages, { stage: 2, epoch: 0, step: 0 }, 10)).toBe(1);
  });
});
