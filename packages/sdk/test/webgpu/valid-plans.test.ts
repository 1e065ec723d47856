import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHANNEL_MEAN,
  CHANNEL_STD,
  DEFAULT_NETWORK,
  type NetworkConfig,
} from '../../src/network/index.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { planNetwork } from '../../src/webgpu/plan.js';
import { FLOAT32, NATIVE_FLOAT16, PACKED_FLOAT16 } from '../../src/webgpu/storage.js';
import { candidateTilings, chooseTiling } from '../../src/webgpu/tiling.js';
import { openCheckingDevice } from './support/device.js';
import { noise, planOf, storedOf, zeroWeights } from './support/planned.js';

const STORAGES = { FLOAT32, PACKED_FLOAT16, NATIVE_FLOAT16 };

const CONFIGURATIONS: readonly (readonly [string, Partial<NetworkConfig>])[] = [
  ['the network of the paper', {}],
  ['without attention, with a linear head', { attention: 'none', head: 'linear' }],
  ['half as wide, for 112 pixels', { width: 32, inputSize: 112 }],
  ['as deep as ResNet-34, a quarter as wide', { width: 16, blocks: [3, 4, 6, 3] }],
  ['of three stages, 24 wide', { width: 24, blocks: [1, 1, 2], inputSize: 75 }],
];

describe('a plan is what WebGPU accepts', () => {
  let device: GPUDevice;

  beforeAll(async () => {
    device = await openCheckingDevice();
  });

  afterAll(() => {
    device.destroy();
  });

  it.each(CONFIGURATIONS)(
    '%s, in every storage',
    async (_, changes) => {
      const config = { ...DEFAULT_NETWORK, ...changes };
      const weights = storedOf(zeroWeights(config));
      for (const storage of Object.values(STORAGES)) {
        const executor = await PlanExecutor.create(device, planOf(config, storage), weights);
        device.pushErrorScope('validation');
        await executor.run(noise(config, 1));
        expect(await device.popErrorScope()).toBeNull();
        executor.dispose();
      }
    },
    120_000,
  );

  it('with any tiling that may be chosen', async () => {
    const normalisation = { mean: CHANNEL_MEAN, std: CHANNEL_STD };
    const weights = storedOf(zeroWeights(DEFAULT_NETWORK));
    for (let candidate = 1; candidate < 7; candidate++) {
      const plan = planNetwork(DEFAULT_NETWORK, normalisation, PACKED_FLOAT16, (shape) => {
        return candidateTilings(shape)[candidate] ?? chooseTiling(shape);
      });
      (await PlanExecutor.create(device, plan, weights)).dispose();
    }
  }, 120_000);

  it('says what is wrong with a kernel that is not WGSL', async () => {
    const plan = planOf(DEFAULT_NETWORK);
    const weights = storedOf(zeroWeights(DEFAULT_NETWORK));
    const [first, ...others] = plan.steps;
    const kernel = { ...first!.kernel, code: `${first!.kernel.code} nonsense` };
    await expect(
      PlanExecutor.create(device, { ...plan, steps: [{ ...first!, kernel }, ...others] }, weights),
    ).rejects.toThrow(/nonsense/);
  });
});
