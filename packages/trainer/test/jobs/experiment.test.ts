import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AblationMetrics, CrossValidationMetrics } from '../../src/results.js';
import { resultsOf, tinyOptions, Trainer, writeTinyExperiment } from '../support/experiments.js';

const TIMEOUT_MS = 240_000;

let folder: string;
const trainers: Trainer[] = [];

function trainer(command: string, name: string, ...more: readonly string[]): Trainer {
  const words = [command, ...tinyOptions(folder), '--name', name, ...more];
  const started = new Trainer(folder, words);
  trainers.push(started);
  return started;
}
const run = (name: string): string => join(folder, 'runs', name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-experiment-'));
  await writeTinyExperiment(folder);
  const whole = trainer('cross-validate', 'whole');
  expect(await whole.end(), whole.output).toBe(0);
}, TIMEOUT_MS);

afterEach(() => {
  for (const { process } of trainers.splice(0)) process.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a cross validation', () => {
  it('measures every image once, each by a network that was not trained on it', async () => {
    const { metrics, predictions } = await resultsOf(run('whole'));
    const { runs, pooled, folds, protocol } = metrics as CrossValidationMetrics;
    expect({ folds, protocol }).toEqual({ folds: 3, protocol: 'group' });
    expect(runs.map(({ fold }) => fold)).toEqual([0, 1, 2]);
    expect(pooled.count).toBe(84);
    expect(runs.reduce((sum, { metrics: own }) => sum + own.count, 0)).toBe(84);
    expect(new Set(predictions.sets[0]!.predictions.map(({ id }) => id)).size).toBe(84);
    for (const { chosen } of runs) expect(chosen.reason).toContain('validation fold of raf-db');
    expect(pooled.accuracy).toBeGreaterThan(0.3); // chance: 1/7
    expect(existsSync(join(run('whole'), 'report.html'))).toBe(true);
  });

  it(
    'killed in the middle goes on at its folds and steps and ends with the same table',
    async () => {
      const killed = trainer('cross-validate', 'killed');
      await vi.waitUntil(() => existsSync(join(run('killed'), 'fold-1', 'last.ckpt')), {
        timeout: TIMEOUT_MS,
      });
      await killed.kill('SIGKILL');
      expect(existsSync(join(run('killed'), 'metrics.json'))).toBe(false);
      const again = trainer('cross-validate', 'killed');
      expect(await again.end(), again.output).toBe(0);
      expect(await resultsOf(run('killed'))).toEqual(await resultsOf(run('whole')));
      // No epoch twice: what was done before the kill was not done again.
      const log = await readFile(join(run('killed'), 'fold-1', 'job.log'), 'utf8');
      expect(log.split(/^stage 1 epoch 1:/m).length - 1).toBeLessThanOrEqual(1);
    },
    TIMEOUT_MS,
  );

  it(
    'stopped by Ctrl-C says how to go on, and given again only does what is left',
    async () => {
      const stopped = trainer('cross-validate', 'stopped', '--jobs', '1');
      await stopped.says(/fold-1: done/);
      await stopped.kill('SIGINT');
      expect(stopped.process.exitCode, stopped.output).toBe(130);
      expect(stopped.output).toContain('Go on with the same command');
      const again = trainer('cross-validate', 'stopped', '--jobs', '2');
      expect(await again.end(), again.output).toBe(0);
      expect(again.output).toMatch(/[12] of 3 jobs are done already/);
      expect(await resultsOf(run('stopped'))).toEqual(await resultsOf(run('whole')));
    },
    TIMEOUT_MS,
  );

  it(
    'refuses the folder of another one, naming what differs',
    async () => {
      const other = trainer('cross-validate', 'whole', '--seed', '2');
      expect(await other.end()).toBe(1);
      expect(other.output).toContain('checkpoint-config: ');
      expect(other.output).toContain('fold-1.config.seed is 1 there and 2 here');
    },
    TIMEOUT_MS,
  );

  it(
    'whose jobs fail names them and makes no table',
    async () => {
      const failing = trainer('cross-validate', 'failing', '--workers', '12');
      expect(await failing.end()).toBe(1);
      expect(failing.output).toMatch(/job-failed: 3 of 3 jobs failed \(fold-1, fold-2, fold-3\)/);
      expect(failing.output).toContain('Use --workers 9 or fewer');
      expect(existsSync(join(run('failing'), 'metrics.json'))).toBe(false);
    },
    TIMEOUT_MS,
  );

  it.each([
    [['--folds', '2'], 'at least 3'],
    [['--queue', 'redis://localhost'], '--queue and --storage belong together'],
    [['--preset', 'smoke'], 'either --preset or --experiment'],
    [['--name', '../x'], 'no name for a folder'],
    [['--dataset', 'ck-plus'], 'The last stage of'],
    [['--init', 'missing.ckpt'], 'checkpoint-missing'],
  ])(
    'with %j is refused at once',
    async (words, message) => {
      const refused = trainer('cross-validate', 'refused', ...words);
      expect(await refused.end()).toBe(1);
      expect(refused.output).toContain(message);
      expect(existsSync(run('refused'))).toBe(false);
    },
    TIMEOUT_MS,
  );
});

describe('an ablation', () => {
  it(
    'trains every row on the same folds and compares the rows',
    async () => {
      const ablation = trainer('ablate', 'ablation', '--rows', 'full,without-fdrl');
      expect(await ablation.end(), ablation.output).toBe(0);
      const { metrics, predictions } = await resultsOf(run('ablation'));
      const { rows, comparisons, protocol } = metrics as AblationMetrics;
      expect(protocol).toBe('group');
      expect(rows.map(({ name, network }) => [name, network.attention, network.head])).toEqual([
        ['full', 'eca', 'fdrl'],
        ['without FDRL', 'eca', 'linear'],
      ]);
      expect(rows[0]!.parameters).toBeGreaterThan(rows[1]!.parameters);
      // The whole network is the cross validation's: same folds, same seed, same numbers.
      const whole = (await resultsOf(run('whole'))).metrics as CrossValidationMetrics;
      expect(rows[0]!.runs).toEqual(whole.runs);
      const [comparison] = comparisons;
      expect(comparison!.rows).toEqual(['full', 'without FDRL']);
      const [full, without] = rows.map(({ pooled }) => pooled.accuracy);
      expect(comparison!.difference).toBeCloseTo(full! - without!, 10);
      expect(predictions.sets.map(({ row }) => row)).toEqual(['full', 'without FDRL']);
      expect(ablation.output).toContain('full - without FDRL');
    },
    TIMEOUT_MS,
  );
});
