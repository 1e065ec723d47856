import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { resolveConfig } from '../dist/config.js';
import { readMetrics, readPredictions } from '../dist/read-results.js';
import type { RunMetrics, RunPredictions } from '../dist/results.js';
import { writeRunResults } from '../dist/run-results.js';
import { train, type TrainResult } from '../dist/train.js';
import { computeMetrics } from '../src/metrics.js';
import { QuietReporter, writePatternSet } from './support/tiny-run.js';

const CONFIG = resolveConfig({
  batchSize: 15,
  network: { width: 4, latentFeatures: 2, latentWidth: 8 },
  stages: [
    { imageSize: 32, epochs: 1, learningRate: 0.01 },
    { imageSize: 32, epochs: 2, learningRate: 0.02 },
  ],
});

let folder: string;
let trained: TrainResult;
let metrics: RunMetrics;
let predictions: RunPredictions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-results-'));
  await writePatternSet(folder, 12);
  const reporter = new QuietReporter();
  const shared = {
    roots: { 'raf-db': folder },
    runFolder: join(folder, 'runs', 'tiny'),
    backend: { name: 'wasm', workers: 2, reason: 'the test says so' },
    reporter,
  } as const;
  trained = await train({
    ...shared,
    config: CONFIG,
    resume: false,
    overwrite: false,
    checkpointMinutes: 60,
    signal: reporter.signal,
  });
  await writeRunResults({ ...shared, history: trained.history });
  metrics = (await readMetrics(join(shared.runFolder, 'metrics.json'))) as RunMetrics;
  predictions = await readPredictions(join(shared.runFolder, 'predictions.json'));
}, 90_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the results of a run', () => {
  it('are those of the best epoch of the last stage, measured again', () => {
    const last = trained.history.filter(({ stage }) => stage === 1);
    const best = Math.max(...last.map(({ validationAccuracy }) => validationAccuracy));
    const { chosen, evaluations } = metrics;
    expect(chosen.stage).toBe(1);
    expect(last[chosen.epoch]!.validationAccuracy).toBe(best);
    expect(chosen.reason).toContain('of the 2 epoch(s) of the last stage');
    expect(evaluations).toHaveLength(1);
    expect(evaluations[0]).toMatchObject({ dataset: 'raf-db', split: 'val', accuracy: best });
  });

  it('hold everything that the run was', () => {
    expect(metrics).toMatchObject({ kind: 'run', name: 'tiny', backend: 'wasm', workers: 2 });
    expect(metrics.config).toEqual(CONFIG);
    expect(metrics.history).toEqual(trained.history);
    const seconds = trained.history.reduce((sum, record) => sum + record.seconds, 0);
    expect(metrics.seconds).toBeCloseTo(seconds, 6);
    expect(metrics.provenance.machine.cores).toBeGreaterThan(0);
  });

  it('can be worked out again from the predictions, which name each image once', () => {
    const [set] = predictions.sets;
    const { count, accuracy, confusionMatrix, expectedCalibrationError } = metrics.evaluations[0]!;
    expect(set!.predictions).toHaveLength(count);
    expect(new Set(set!.predictions.map(({ id }) => id)).size).toBe(count);
    const again = computeMetrics(
      set!.predictions.map(({ truth }) => truth),
      set!.predictions.flatMap(({ probabilities }) => probabilities),
      metrics.labels,
    );
    expect(again).toMatchObject({ accuracy, confusionMatrix });
    expect(again.expectedCalibrationError).toBeCloseTo(expectedCalibrationError, 4);
  });
});
