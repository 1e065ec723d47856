import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_NETWORK } from '../../src/network/index.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { noise, planOf, storedOf, zeroWeights } from './support/planned.js';

/** What is needed of `bench/lib/counting-gpu.mjs`, which is not part of any TypeScript project. */
interface CountingGpu {
  install(): void;
  createDevice(): GPUDevice;
  take(): Readonly<Record<string, number>>;
}

describe('what the network of the paper costs on WebGPU', () => {
  let gpu: CountingGpu;
  let device: GPUDevice;
  let executor: PlanExecutor;
  let startCounts: Readonly<Record<string, number>>;

  beforeAll(async () => {
    const path = new URL('../../../../bench/lib/counting-gpu.mjs', import.meta.url).href;
    const module = (await import(path)) as { CountingGpu: new () => CountingGpu };
    gpu = new module.CountingGpu();
    gpu.install();
    device = gpu.createDevice();
    const weights = storedOf(zeroWeights(DEFAULT_NETWORK));
    executor = await PlanExecutor.create(device, planOf(DEFAULT_NETWORK), weights);
    startCounts = gpu.take();
  });

  it('is at most 12 pipelines at the start, none compiled on the calling thread', () => {
    expect(startCounts['pipelinesMade']).toBeLessThanOrEqual(12);
    expect(startCounts['pipelinesMadeSynchronously']).toBe(0);
  });

  it('is one pass, one submit, one map and at most 32 dispatches a frame', async () => {
    await executor.run(noise(DEFAULT_NETWORK, 1));
    const counts = gpu.take();
    expect(counts).toMatchObject({ passes: 1, submits: 1, maps: 1, pipelinesMade: 0 });
    expect(counts['dispatches']).toBeLessThanOrEqual(32);
    expect(counts['copiedBytes']).toBe(28); // the seven logits
  });

  it('makes nothing and uploads nothing for pixels that are on the device', async () => {
    const { STORAGE } = GPUBufferUsage;
    const pixels = device.createBuffer({
      size: noise(DEFAULT_NETWORK, 1).byteLength,
      usage: STORAGE,
    });
    await executor.run(pixels);
    expect(gpu.take()['bindGroups']).toBe(1);
    await executor.run(pixels);
    expect(gpu.take()).toMatchObject({ bindGroups: 0, buffersMade: 0, writes: 0, copies: 1 });
  });

  it('makes no buffers for three frames under way at once', async () => {
    const pixels = noise(DEFAULT_NETWORK, 1);
    await Promise.all([executor.run(pixels), executor.run(pixels), executor.run(pixels)]);
    expect(gpu.take()).toMatchObject({ buffersMade: 0, maps: 3, submits: 3 });
  });
});
