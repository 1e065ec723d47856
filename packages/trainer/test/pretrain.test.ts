import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { arenaLayout, slotView } from '../dist/arena.js';
import { readCheckpoint } from '../dist/checkpoint.js';
import { resolveConfig, type TrainingConfig } from '../dist/config.js';
import { termsOf } from '../dist/origins.js';
import { pretrainingConfig } from '../dist/pretraining.js';
import { formatAttributes, writePretrainingResults } from '../dist/pretraining-results.js';
import { train, type TrainResult } from '../dist/train.js';
import { VISIBLE_ATTRIBUTES, writeCelebASet } from './support/celeba-set.js';
import { QuietReporter, writePatternSet } from './support/tiny-run.js';

const TIMEOUT_MS = 120_000;
const BACKEND = { name: 'wasm', workers: 1, reason: 'the test says so' } as const;
const CONFIG = pretrainingConfig('celeba', {
  seed: 3,
  batchSize: 16,
  network: { width: 8 },
  augmentation: { brightness: 0.05, greyProbability: 0 },
  stages: [{ imageSize: 32, epochs: 3, learningRate: 0.01 }],
});

let folder: string;
let whole: TrainResult;
const run = (name: string): string => join(folder, 'runs', name);

function tiny(
  name: string,
  options: {
    readonly config?: TrainingConfig;
    readonly reporter?: QuietReporter;
    readonly resume?: boolean;
    readonly init?: string;
  } = {},
): Promise<TrainResult> {
  const { config = CONFIG, reporter = new QuietReporter(), resume = false, init } = options;
  return train({
    config,
    roots: { celeba: folder, 'raf-db': folder },
    runFolder: run(name),
    backend: BACKEND,
    resume,
    overwrite: false,
    ...(init === undefined ? {} : { init }),
    checkpointMinutes: 60,
    signal: reporter.signal,
    reporter,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-pretrain-'));
  await writeCelebASet(folder, { train: 128, val: 40, test: 1 });
  await writePatternSet(folder, 12);
  whole = await tiny('whole');
}, TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a pre-training on attributes', () => {
  it(
    'learns those that can be seen, and says which they are',
    async () => {
      expect(whole.finished).toBe(true);
      const metrics = await writePretrainingResults({
        runFolder: run('whole'),
        roots: { celeba: folder },
        history: whole.history,
        backend: BACKEND,
        reporter: new QuietReporter(),
      });
      const { evaluation } = metrics;
      expect(evaluation).toMatchObject({ dataset: 'celeba', split: 'val', count: 40 });
      const { attributes } = evaluation;
      const isVisible = (label: string): boolean =>
        (VISIBLE_ATTRIBUTES as readonly string[]).includes(label);
      const meanOf = (visible: boolean): number => {
        const chosen = attributes.filter(({ label }) => isVisible(label) === visible);
        return chosen.reduce((sum, each) => sum + each.balancedAccuracy, 0) / chosen.length;
      };
      expect(meanOf(true)).toBeGreaterThan(0.8);
      expect(Math.abs(meanOf(false) - 0.5)).toBeLessThan(0.06); // by chance, 37 x 40 answers

      const best = whole.history.find(({ epoch }) => epoch === metrics.chosen.epoch)!;
      expect(evaluation.accuracy).toBeCloseTo(best.validationAccuracy, 10);
      expect(evaluation.balancedAccuracy).toBeCloseTo(best.validationMeanClassAccuracy, 10);
      expect(evaluation.loss).toBeCloseTo(best.validationLoss, 10);
      const saved: unknown = JSON.parse(await readFile(join(run('whole'), 'metrics.json'), 'utf8'));
      expect(saved).toMatchObject({ kind: 'pretraining', labels: { length: 40 } });
      expect(formatAttributes(metrics)).toMatch(/Pale_Skin .* %/);
    },
    TIMEOUT_MS,
  );

  it(
    'interrupted and resumed gives the very numbers of one that never stopped',
    async () => {
      const part = await tiny('parts', { reporter: new QuietReporter(11) });
      expect(part.finished).toBe(false);
      const end = await tiny('parts', { resume: true });
      const numbers = ({ history }: TrainResult): object[] =>
        history.map((record) => ({ ...record, seconds: 0 }));
      expect(numbers(end)).toEqual(numbers(whole));
    },
    TIMEOUT_MS,
  );

  it(
    'is what a run on expressions starts from, and is named in its terms',
    async () => {
      // A learning rate that moves nothing: the backbone at the end is the one it started from.
      const config = resolveConfig({
        batchSize: 15,
        network: { width: 8, latentFeatures: 3, latentWidth: 16 },
        stages: [{ imageSize: 32, epochs: 1, learningRate: 1e-12 }],
      });
      await tiny('child', { config, init: join(run('whole'), 'best.ckpt') });
      const [child, parent] = [
        await readCheckpoint(join(run('child'), 'last.ckpt')),
        await readCheckpoint(join(run('whole'), 'best.ckpt')),
      ];
      expect(child.meta.ancestors).toMatchObject([{ config: CONFIG }]);
      expect(termsOf(child.meta.ancestors)).toContain('celeba');
      const theirs = new Map(
        arenaLayout(CONFIG.network, 40).slots.map((slot) => [
          slot.name,
          slotView(parent.arrays['arena']!, slot),
        ]),
      );
      for (const slot of arenaLayout(config.network).slots) {
        if (!/^st(em|age)/.test(slot.name) || slot.kind === 'statistic') continue;
        const start = theirs.get(slot.name)!;
        slotView(child.arrays['arena']!, slot).forEach((value, i) => {
          expect(Math.abs(value - start[i]!)).toBeLessThan(1e-6);
        });
      }
    },
    TIMEOUT_MS,
  );
});

describe('the configuration of a pre-training', () => {
  it('has one FC layer and its set in every stage, and keeps what an experiment says', () => {
    expect(CONFIG.network).toMatchObject({ head: 'linear', width: 8 });
    expect(CONFIG.stages).toMatchObject([{ dataset: 'celeba', imageSize: 32, epochs: 3 }]);
    expect(pretrainingConfig('ferplus', {}).stages).toMatchObject([
      { dataset: 'ferplus', imageSize: 224 },
    ]);
  });

  it.each<[string, () => TrainingConfig, RegExp]>([
    [
      'the FDRL head on attributes',
      () => pretrainingConfig('celeba', { network: { head: 'fdrl' } }),
      /network.head/,
    ],
    [
      'attributes and expressions in one run',
      () =>
        resolveConfig({
          network: { head: 'linear' },
          stages: [{ dataset: 'celeba' }, { dataset: 'raf-db' }],
        }),
      /stages.*raf-db/,
    ],
    ['a network that is none', () => pretrainingConfig('celeba', { network: 3 }), /network/],
    ['stages that are none', () => pretrainingConfig('celeba', { stages: 'two' }), /stages/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'config-invalid' }) as Error);
  });
});
