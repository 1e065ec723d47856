import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { readCheckpoint } from '../dist/checkpoint.js';
import { resolveConfig } from '../dist/config.js';
import { train, type TrainResult } from '../dist/train.js';
import { QuietReporter, writePatternSet } from './support/tiny-run.js';

const TIMEOUT_MS = 120_000;

let folder: string;
const run = (name: string): string => join(folder, 'runs', name);

/** A tiny network, half as wide and seeing smaller images where it has a teacher. */
function tiny(
  name: string,
  teacher = '',
  { resume = false, steps = Infinity, seed = 1 } = {},
): Promise<TrainResult> {
  const stage = { epochs: 2, learningRate: 0.01, imageSize: teacher ? 32 : 48 };
  const config = resolveConfig({
    seed,
    batchSize: 14,
    network: { width: teacher ? 4 : 8, latentFeatures: 2, latentWidth: 8 },
    distillation: { teacher, temperature: 2, weight: 1 },
    stages: [stage],
  });
  const reporter = new QuietReporter(steps);
  return train({
    config,
    roots: { 'raf-db': folder },
    runFolder: run(name),
    backend: { name: 'wasm', workers: 2, reason: 'the test says so' },
    resume,
    overwrite: false,
    checkpointMinutes: 60,
    signal: reporter.signal,
    reporter,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-distillation-'));
  await writePatternSet(folder, 10);
  await tiny('teacher');
  await tiny('other-teacher', '', { seed: 2 });
}, TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a run with a teacher', () => {
  it(
    'comes nearer to what the teacher says, and is the same after an interruption',
    async () => {
      const teacher = join(run('teacher'), 'best.ckpt');
      const whole = await tiny('whole', teacher);
      const [first, last] = whole.history;
      expect(first!.distillation).toBeGreaterThan(0);
      expect(last!.distillation).toBeLessThan(first!.distillation!);
      const { meta } = await readCheckpoint(join(run('whole'), 'best.ckpt'));
      const theirs = await readCheckpoint(teacher);
      expect(meta.teacher).toEqual([
        { config: theirs.meta.config, position: theirs.meta.position },
      ]);

      const copy = join(folder, 'teacher.ckpt');
      await copyFile(teacher, copy);
      await tiny('parts', copy, { steps: 6 });
      await copyFile(join(run('other-teacher'), 'best.ckpt'), copy);
      await expect(tiny('parts', copy, { resume: true })).rejects.toMatchObject({
        code: 'checkpoint-config',
        message: expect.stringContaining('teacher is "') as string,
      });
      await copyFile(teacher, copy);
      await tiny('parts', copy, { resume: true });
      const arenaOf = async (name: string): Promise<Float32Array> =>
        (await readCheckpoint(join(run(name), 'last.ckpt'))).arrays['arena']!;
      expect(await arenaOf('parts')).toEqual(await arenaOf('whole'));
    },
    TIMEOUT_MS,
  );

  it('says where there is none', async () => {
    await expect(tiny('none', join(folder, 'nobody.ckpt'))).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('nobody.ckpt') as string,
    });
  });
});
