import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  firstGoldenPicture,
  parseManifest,
  type NetworkConfig,
  type WeightsPrecision,
} from '../../src/network/index.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { planNetwork } from '../../src/webgpu/plan.js';
import { FLOAT32, PACKED_FLOAT16, type Storage } from '../../src/webgpu/storage.js';
import type { StoredWeights } from '../../src/webgpu/stored-weights.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { relativeError } from './support/planned.js';

const read = (file: string): Buffer =>
  readFileSync(new URL(`../../../../models/fdrl-ecanet/${file}`, import.meta.url));

const MANIFEST = parseManifest(JSON.parse(read('manifest.json').toString()));

function weightsOf(precision: WeightsPrecision): StoredWeights {
  const { tensors, shards } = MANIFEST.variants[precision];
  return { tensors, bytes: Buffer.concat(shards.map(({ file }) => read(file))) };
}

describe('the model of the package on WebGPU', SLOW_COMPILER, () => {
  let device: GPUDevice;

  beforeAll(async () => {
    device = await openDevice();
  }, SLOW_COMPILER.timeout);

  afterAll(() => {
    device.destroy();
  });

  const start = (
    network: NetworkConfig,
    storage: Storage,
    precision: WeightsPrecision,
  ): Promise<PlanExecutor> =>
    PlanExecutor.create(
      device,
      planNetwork(network, MANIFEST.input, storage),
      weightsOf(precision),
    );

  // One storage after the other and one picture: the software adapter takes half a minute for each.
  it.each([
    ['float32', FLOAT32, 'float16', 1e-4],
    ['float16 storage', PACKED_FLOAT16, 'uint8', 1e-2],
  ] as const)(
    "gives the trainer's logits for a golden picture of 224 pixels, with %s",
    async (_, storage, precision, tolerance) => {
      const executor = await start(MANIFEST.network, storage, precision);
      const json = JSON.parse(read(MANIFEST.golden.file).toString()) as unknown;
      const golden = firstGoldenPicture(json, precision);
      const logits = await executor.run(Float32Array.from(golden.pixels));
      executor.dispose();
      expect(relativeError(logits, golden.logits)).toBeLessThan(tolerance);
    },
  );
});
