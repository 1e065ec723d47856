import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { readCheckpoint, writeCheckpoint } from '../../dist/checkpoint.js';
import { resolveConfig } from '../../dist/config.js';
import { train, type TrainResult } from '../../dist/train.js';
import { QuietReporter, writePatternSet } from '../support/tiny-run.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';

const STEPS = 5; // of an epoch

const CONFIG = resolveConfig({
  seed: 3,
  batchSize: 15,
  network: { width: 8, blocks: [1, 1], latentFeatures: 3, latentWidth: 8 },
  // Noise of erased rectangles is another on a graphics card.
  augmentation: { eraseProbability: 0, mixUpAlpha: 0.2, blurProbability: 0.2 },
  averaging: { decay: 0.5, startEpoch: 0 },
  stages: [{ imageSize: 32, epochs: 2, learningRate: 0.002, schedule: { kind: 'one-cycle' } }],
});

describe('a run on WebGPU', SLOW_COMPILER, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emotion-cam-webgpu-'));
    await writePatternSet(folder, 13);
    (await openDevice()).destroy(); // from now on Dawn finds the software adapter
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  function run(
    name: string,
    backend: 'wasm' | 'webgpu',
    { resume = false, steps }: { resume?: boolean; steps?: number } = {},
  ): Promise<TrainResult> {
    const reporter = new QuietReporter(steps);
    return train({
      config: CONFIG,
      roots: { 'raf-db': folder },
      runFolder: join(folder, 'runs', name),
      backend: { name: backend, workers: 1, reason: 'the test says so' },
      ...{ resume, overwrite: false, checkpointMinutes: 60 },
      ...{ signal: reporter.signal, reporter },
    });
  }

  /** Makes a run's last checkpoint one of another back end, which is all that stands in the way. */
  async function moveTo(name: string, backend: 'wasm' | 'webgpu'): Promise<void> {
    const path = join(folder, 'runs', name, 'last.ckpt');
    const { meta, arrays } = await readCheckpoint(path);
    await writeCheckpoint(path, { ...meta, backend }, arrays);
  }

  it('takes over in the middle of an epoch from wasm, hands back in the next, and changes no number', async () => {
    const whole = await run('whole', 'wasm');
    await run('moved', 'wasm', { steps: 2 });
    await moveTo('moved', 'webgpu');
    const middle = await run('moved', 'webgpu', { resume: true, steps: STEPS });
    expect(middle).toMatchObject({ finished: false });
    expect(middle.history).toHaveLength(1);
    await moveTo('moved', 'wasm');
    const moved = await run('moved', 'wasm', { resume: true });
    expect(moved.finished).toBe(true);
    expect(moved.history).toHaveLength(2);
    moved.history.forEach((record, epoch) => {
      const expected = whole.history[epoch]!;
      for (const term of ['loss', 'classification', 'compactness', 'validationLoss'] as const) {
        expect(record[term], `${term} of epoch ${epoch}`).toBeCloseTo(expected[term], 2);
      }
      expect(record.trainAccuracy).toBeCloseTo(expected.trainAccuracy, 1);
    });
    const [weights, truth] = await Promise.all(
      ['moved', 'whole'].map(async (name) => {
        const { arrays } = await readCheckpoint(join(folder, 'runs', name, 'last.ckpt'));
        return arrays['arena']!;
      }),
    );
    const distance = Math.hypot(...weights!.map((value, i) => value - truth![i]!));
    expect(distance / Math.hypot(...truth!)).toBeLessThan(0.01);
  });
});
