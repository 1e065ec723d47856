import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { arenaLayout } from '../dist/arena.js';
import { readCheckpoint } from '../dist/checkpoint.js';
import { resolveConfig, type TrainingConfig } from '../dist/config.js';
import { train, type EpochRecord, type TrainResult } from '../dist/train.js';
import { QuietReporter, writeCkPlusPatternSet, writePatternSet } from './support/tiny-run.js';

const TIMEOUT_MS = 90_000;

/**
 * Two stages of a tiny network: 11 images a class to train on, one to validate, one to confirm, 5
 * steps an epoch. The second has every ingredient that must survive an interruption.
 */
const OVERRIDES = {
  seed: 3,
  batchSize: 15,
  network: { width: 8, latentFeatures: 3, latentWidth: 16 },
  augmentation: { rotationDegrees: 5, greyProbability: 0, eraseProbability: 0.1, mixUpAlpha: 0.2 },
  losses: { weightDecay: 0.01 },
  averaging: { decay: 0.5, startEpoch: 1 },
  stages: [
    { imageSize: 32, epochs: 3, learningRate: 0.02, schedule: { kind: 'step' } },
    {
      mixWith: [{ dataset: 'ck-plus-basic', share: 0.15 }],
      imagesPerEpoch: 80,
      classBalance: 0.5,
      imageSize: 48,
      epochs: 3,
      learningRate: 0.01,
      schedule: { kind: 'one-cycle' },
    },
  ],
};
const CONFIG = resolveConfig(OVERRIDES);
const STEPS = 6 * 5;

let folder: string;
/** The run that is never interrupted. */
let whole: TrainResult;
const run = (name: string): string => join(folder, 'runs', name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-train-'));
  await writePatternSet(folder, 13);
  await writeCkPlusPatternSet(folder, 5);
  whole = await tiny('whole');
}, TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

interface TinyOptions {
  readonly config?: TrainingConfig;
  readonly resume?: boolean;
  readonly init?: string;
  readonly interruptAfterSteps?: number;
  readonly workers?: number;
  readonly overwrite?: boolean;
}

/** Trains into runs/<name>. */
function tiny(
  name: string,
  {
    config = CONFIG,
    resume = false,
    init,
    interruptAfterSteps,
    workers = 2,
    overwrite = false,
  }: TinyOptions = {},
): Promise<TrainResult> {
  const reporter = new QuietReporter(interruptAfterSteps);
  return train({
    config,
    roots: { 'raf-db': folder, 'ck-plus-basic': folder },
    runFolder: run(name),
    backend: { name: 'wasm', workers, reason: 'the test says so' },
    resume,
    overwrite,
    ...(init === undefined ? {} : { init }),
    checkpointMinutes: 60,
    signal: reporter.signal,
    reporter,
  });
}

/** Everything but how long it took. */
const numbersOf = (history: readonly EpochRecord[]): Omit<EpochRecord, 'seconds'>[] =>
  history.map(({ seconds, ...numbers }) => {
    expect(seconds).toBeGreaterThan(0);
    return numbers;
  });

async function logOf(name: string): Promise<EpochRecord[]> {
  const text = await readFile(join(run(name), 'log.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EpochRecord);
}

const last = (name: string): string => join(run(name), 'last.ckpt');

describe('a training run', () => {
  it('lowers the loss and tells unseen images apart', () => {
    expect(whole.finished).toBe(true);
    const [first, ...others] = whole.history;
    const end = others.at(-1)!;
    expect(end.classification).toBeLessThan(0.85 * first!.classification);
    expect(end.trainAccuracy).toBeGreaterThan(0.35); // chance: 1/7, five standard errors below
    expect(end.validationLoss).toBeLessThan(0.85 * Math.log(7)); // ln 7: even predictions
    expect(end.validationAccuracy).toBeGreaterThan(0.2);
  });

  it('logs every epoch and saves its configuration and its best epochs', async () => {
    expect(await logOf('whole')).toEqual(whole.history);
    expect(whole.history.map(({ stage, epoch, imageSize }) => [stage, epoch, imageSize])).toEqual([
      [0, 0, 32],
      [0, 1, 32],
      [0, 2, 32],
      [1, 0, 48],
      [1, 1, 48],
      [1, 2, 48],
    ]);
    expect((await readdir(run('whole'))).sort()).toEqual([
      'best-stage1.ckpt',
      'best-stage2.ckpt',
      'best.ckpt',
      'config.json',
      'last.ckpt',
      'log.jsonl',
      'previous-1.ckpt',
      'previous-2.ckpt',
    ]);
    const saved: unknown = JSON.parse(await readFile(join(run('whole'), 'config.json'), 'utf8'));
    expect(saved).toEqual(CONFIG);
    const best = await readCheckpoint(join(run('whole'), 'best.ckpt'));
    const accuracies = whole.history.slice(3).map(({ validationAccuracy }) => validationAccuracy);
    const { record } = best.meta.progress as { record: EpochRecord };
    expect(record.validationAccuracy).toBe(Math.max(...accuracies));
    expect(record.stage).toBe(1);
  });

  it('validates and saves the average of the weights, which is theirs until it starts', async () => {
    const raw = whole.history.map(({ rawValidationAccuracy }) => rawValidationAccuracy);
    expect(raw[0]).toBe(whole.history[0]!.validationAccuracy);
    expect(raw.every((accuracy) => accuracy !== undefined)).toBe(true);
    const { arrays, meta } = await readCheckpoint(last('whole'));
    const { arena, average } = arrays;
    expect(arena).not.toEqual(average);
    const best = await readCheckpoint(join(run('whole'), 'best.ckpt'));
    const { record } = best.meta.progress as { record: EpochRecord };
    if (record.epoch === meta.position.epoch - 1) expect(best.arrays['arena']).toEqual(average);
  });

  it(
    'interrupted and resumed gives the very numbers of one that never stopped',
    async () => {
      // Within an epoch, at its last step, within the second stage; then to the end.
      const parts = [3, 2, 12];
      for (const [index, steps] of parts.entries()) {
        const part = await tiny('parts', { resume: index > 0, interruptAfterSteps: steps });
        expect(part.finished).toBe(false);
      }
      expect(parts.reduce((a, b) => a + b)).toBeLessThan(STEPS);
      const end = await tiny('parts', { resume: true });
      expect(end.finished).toBe(true);
      expect(numbersOf(end.history)).toEqual(numbersOf(whole.history));
      expect(numbersOf(await logOf('parts'))).toEqual(numbersOf(whole.history));
      const [ours, theirs] = [
        await readCheckpoint(last('parts')),
        await readCheckpoint(last('whole')),
      ];
      expect(ours.meta.position).toEqual(theirs.meta.position);
      for (const name of ['arena', 'moment1', 'moment2', 'average']) {
        const [a, b] = [ours.arrays[name]!, theirs.arrays[name]!];
        expect(Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)), name).toBe(0);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'that begins anew replaces the log of the run before',
    async () => {
      const config = { ...CONFIG, stages: [{ ...CONFIG.stages[0]!, epochs: 1 }] };
      await tiny('again', { config });
      await expect(tiny('again', { config })).rejects.toMatchObject({
        code: 'argument-invalid',
        message: expect.stringContaining('--resume') as string,
      });
      await tiny('again', { config, overwrite: true });
      expect(await logOf('again')).toHaveLength(1);
    },
    TIMEOUT_MS,
  );
});

describe('a run that goes on from a checkpoint', () => {
  it('refuses weights of another run at the same time', async () => {
    const both = tiny('whole', { resume: true, init: last('whole') });
    await expect(both).rejects.toMatchObject({ code: 'argument-invalid' });
  });

  it('refuses one of another configuration, naming what differs', async () => {
    const config = resolveConfig({ ...OVERRIDES, batchSize: 16 });
    await expect(tiny('whole', { config, resume: true })).rejects.toMatchObject({
      code: 'checkpoint-config',
      message: expect.stringContaining('batchSize is 15 there and 16 here') as string,
    });
  });

  it('refuses one of another number of workers', async () => {
    await expect(tiny('whole', { workers: 1, resume: true })).rejects.toMatchObject({
      code: 'checkpoint-config',
      message: expect.stringContaining('workers is 2 there and 1 here') as string,
    });
  });

  it('refuses to resume where there is none', async () => {
    await expect(tiny('nothing', { resume: true })).rejects.toMatchObject({
      code: 'checkpoint-missing',
    });
  });

  it('refuses to start from the weights of another network', async () => {
    const config = resolveConfig({ ...OVERRIDES, network: { width: 4 } });
    await expect(tiny('other', { config, init: last('whole') })).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringContaining('stem.weight is [7,7,3,8] there, [7,7,3,4] here') as string,
    });
  });

  it(
    'starts from the weights it is given, under its own configuration',
    async () => {
      // A learning rate that moves nothing: the weights at the end are those it started from.
      const stage = { ...CONFIG.stages[1]!, epochs: 1, learningRate: 1e-12 };
      const config = { ...CONFIG, seed: 8, stages: [stage] };
      await tiny('child', { config, init: last('whole') });
      const [child, parent] = [
        await readCheckpoint(last('child')),
        await readCheckpoint(last('whole')),
      ];
      const { trainable } = arenaLayout(config.network);
      const weights = (arena: Float32Array): Float32Array => arena.subarray(0, trainable);
      const start = weights(parent.arrays['average']!); // what the run would save
      const moved = weights(child.arrays['arena']!).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - start[i]!)),
        0,
      );
      expect(moved).toBeLessThan(1e-6);
      const { position } = parent.meta;
      expect(child.meta.ancestors).toEqual([{ config: CONFIG, position }]);
      expect(child.meta.config).toEqual(config);
      expect(parent.meta.ancestors).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('a run that cannot go on', () => {
  it(
    'stops when the loss is no number, and leaves the last good checkpoint',
    async () => {
      const [good] = CONFIG.stages;
      const config = {
        ...CONFIG,
        stages: [
          { ...good!, epochs: 1 },
          { ...good!, epochs: 1, learningRate: 1e30 },
        ],
      };
      await expect(tiny('diverged', { config })).rejects.toMatchObject({
        code: 'training-diverged',
        message: expect.stringContaining('stage 2, epoch 1, step') as string,
      });
      const { meta, arrays } = await readCheckpoint(last('diverged'));
      expect(meta.position).toEqual({ stage: 0, epoch: 1, step: 0 });
      expect(arrays['arena']!.every((value) => Math.abs(value) < 1e3)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'says that a batch is larger than the training split',
    async () => {
      const config = resolveConfig({ ...OVERRIDES, batchSize: 100 });
      await expect(tiny('large', { config })).rejects.toMatchObject({
        code: 'config-invalid',
        message: expect.stringContaining('77 training images') as string,
      });
    },
    TIMEOUT_MS,
  );

  it('refuses more workers than a batch has images', async () => {
    await expect(tiny('many', { workers: 16 })).rejects.toMatchObject({
      code: 'argument-invalid',
      message: expect.stringContaining('--workers 15') as string,
    });
  });
});
