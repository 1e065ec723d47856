import { beforeAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config.js';
import type { PlannedTraining } from '../../src/webgpu/planned-training.js';
import { startTraining } from './support/training.js';

/** What is needed of `bench/lib/counting-gpu.mjs`, which is not part of any TypeScript project. */
interface CountingGpu {
  install(): void;
  createDevice(): GPUDevice;
  take(): Readonly<Record<string, number>>;
}

const BATCH = 32;
/** RAF-DB's images. */
const SIDE = 100;

describe("what a training step of the paper's network costs, 32 images of 224 pixels", () => {
  let gpu: CountingGpu;
  let training: PlannedTraining;
  let startCounts: Readonly<Record<string, number>>;
  let stepCounts: Readonly<Record<string, number>>;

  const step = (number: number): Promise<unknown> => {
    const data = new Uint8Array(SIDE * SIDE * 3);
    const frame = { scale: 1, shiftX: 0, shiftY: 0 };
    const picture = { source: { width: SIDE, height: SIDE, data }, frame, parameters: null };
    return training.step(
      {
        pictures: Array.from({ length: BATCH }, () => picture),
        targets: new Float32Array(BATCH * 7),
        mixing: null,
        imageSize: 224,
      },
      { step: number, learningRate: 1e-3, averageDecay: 0.9 },
    );
  };

  beforeAll(async () => {
    const path = new URL('../../../../bench/lib/counting-gpu.mjs', import.meta.url).href;
    const module = (await import(path)) as { CountingGpu: new () => CountingGpu };
    gpu = new module.CountingGpu();
    gpu.install();
    const config = resolveConfig({ averaging: { decay: 0.9 } });
    ({ training } = startTraining(gpu.createDevice(), config));
    await step(1);
    startCounts = gpu.take();
    await step(2);
    stepCounts = gpu.take();
  });

  it('is at most 300 dispatches in one pass and one submit', () => {
    expect(stepCounts).toMatchObject({ passes: 1, submits: 1 });
    expect(stepCounts['dispatches']).toBeLessThanOrEqual(300);
  });

  it('uploads the decoded images, labels and numbers, and nothing of the size of a map', () => {
    const images = BATCH * SIDE * SIDE * 3;
    expect(stepCounts['writes']).toBe(4);
    expect(stepCounts['writtenBytes']).toBeLessThan(images + 10_000);
  });

  it('makes nothing, copies nothing and waits for nothing', () => {
    const none = { bindGroups: 0, buffersMade: 0, pipelinesMade: 0, copies: 0, maps: 0 };
    expect(stepCounts).toMatchObject(none);
  });

  it('compiles nothing on the calling thread at the start', () => {
    expect(startCounts['pipelinesMadeSynchronously']).toBe(0);
    expect(startCounts['pipelinesMade']).toBeLessThanOrEqual(80);
  });

  it('reads results every ten steps, in one more submit', async () => {
    for (let number = 3; number <= 12; number++) await step(number);
    expect(gpu.take()).toMatchObject({
      submits: 11,
      maps: 1,
      dispatches: 10 * stepCounts['dispatches']!,
    });
  });
});
