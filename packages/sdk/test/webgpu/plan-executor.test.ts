import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkConfig } from '../../src/network/index.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { FLOAT32, PACKED_FLOAT16, type Storage } from '../../src/webgpu/storage.js';
import { useBackend } from '../network/support/backends.js';
import { randomWeights } from '../support/narrow-model.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { noise, planOf, relativeError, storedOf, tfjsLogits } from './support/planned.js';
import { SMALL_NETWORK } from './support/small-network.js';

const TOLERANCE = 1e-5;

/** Every part of the network, at sizes that fill no tile and no vector. */
const CONFIGURATIONS: readonly (readonly [string, Partial<NetworkConfig>])[] = [
  ['the whole network', {}],
  ['no attention and a linear head', { attention: 'none', head: 'linear' }],
  ['cosine similarity', { similarity: 'cosine', delta: 0.25 }],
  ['euclidean similarity', { similarity: 'euclidean', delta: 1 }],
  [
    'odd sizes, two blocks in a stage, channels that fill no vector',
    { inputSize: 75, width: 6, blocks: [2, 1], latentFeatures: 5, latentWidth: 10 },
  ],
];

describe('a planned network on a device', SLOW_COMPILER, () => {
  let device: GPUDevice;
  /** Disposed of at the end: the device compiles kernels that executors share once. */
  const executors: PlanExecutor[] = [];

  beforeAll(async () => {
    device = await openDevice();
    await useBackend('cpu');
  }, SLOW_COMPILER.timeout);

  afterAll(() => {
    for (const executor of executors) executor.dispose();
    device.destroy();
  });

  const start = async (
    config: NetworkConfig,
    storage: Storage = FLOAT32,
  ): Promise<PlanExecutor> => {
    const weights = storedOf(randomWeights(config));
    const executor = await PlanExecutor.create(device, planOf(config, storage), weights);
    executors.push(executor);
    return executor;
  };

  it.each(CONFIGURATIONS)('gives the logits of the cpu back end: %s', async (_, changes) => {
    const config = { ...SMALL_NETWORK, ...changes };
    const executor = await start(config);
    const pixels = noise(config, 5);
    const expected = tfjsLogits(config, randomWeights(config), pixels);
    expect(relativeError(await executor.run(pixels), expected)).toBeLessThan(TOLERANCE);
  });

  it('gives them within 1 % where maps and weights are stored as float16', async () => {
    const executor = await start(SMALL_NETWORK, PACKED_FLOAT16);
    const pixels = noise(SMALL_NETWORK, 5);
    const expected = tfjsLogits(SMALL_NETWORK, randomWeights(SMALL_NETWORK), pixels);
    const error = relativeError(await executor.run(pixels), expected);
    expect(error).toBeLessThan(1e-2);
    expect(error).toBeGreaterThan(TOLERANCE); // it was not float32 after all
  });

  it('gives each of the frames that are under way its own logits', async () => {
    const executor = await start(SMALL_NETWORK);
    const frames = [11, 12, 13, 14, 15].map((seed) => noise(SMALL_NETWORK, seed));
    const together = await Promise.all(frames.map((pixels) => executor.run(pixels)));
    for (const [index, pixels] of frames.entries()) {
      expect(together[index]).toEqual(await executor.run(pixels));
    }
    expect(together[0]).not.toEqual(together[1]);
  });

  it('reads pixels from a buffer of the device', async () => {
    const executor = await start(SMALL_NETWORK);
    const pixels = noise(SMALL_NETWORK, 7);
    const { COPY_DST, STORAGE } = GPUBufferUsage;
    const buffer = device.createBuffer({ size: pixels.byteLength, usage: COPY_DST | STORAGE });
    device.queue.writeBuffer(buffer, 0, pixels);
    expect(await executor.run(buffer)).toEqual(await executor.run(pixels));
    buffer.destroy();
  });

  it('still gives the logits of a frame that is under way when it is disposed of', async () => {
    const weights = storedOf(randomWeights(SMALL_NETWORK));
    const executor = await PlanExecutor.create(device, planOf(SMALL_NETWORK), weights);
    const pixels = noise(SMALL_NETWORK, 7);
    const expected = await executor.run(pixels);
    const pending = executor.run(pixels);
    executor.dispose();
    expect(await pending).toEqual(expected);
  });
});
