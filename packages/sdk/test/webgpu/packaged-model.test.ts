import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeWeights,
  firstGoldenPicture,
  parseManifest,
  type NetworkConfig,
  type WeightsPrecision,
} from '../../src/network/index.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { planNetwork } from '../../src/webgpu/plan.js';
import { FLOAT32, PACKED_FLOAT16, type Storage } from '../../src/webgpu/storage.js';
import type { StoredWeights } from '../../src/webgpu/stored-weights.js';
import { useBackend } from '../network/support/backends.js';
import { uniform } from '../support/narrow-model.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { relativeError, tfjsLogits } from './support/planned.js';

const read = (file: string): Buffer =>
  readFileSync(new URL(`../../../../models/fdrl-ecanet/${file}`, import.meta.url));

const MANIFEST = parseManifest(JSON.parse(read('manifest.json').toString()));

function weightsOf(precision: WeightsPrecision): StoredWeights {
  const { tensors, shards } = MANIFEST.variants[precision];
  return { tensors, bytes: Buffer.concat(shards.map(({ file }) => read(file))) };
}

/** Coloured blobs on a coloured ground, RGB 0..255, so that the classes differ. */
function blobs(size: number, seed: number): Float32Array<ArrayBuffer> {
  const next = uniform(seed);
  const colour = (): number[] => [0, 1, 2].map(() => 256 * next());
  const ground = colour();
  const spots = Array.from({ length: 8 }, () => {
    const [x, y, radius] = [next() * size, next() * size, (0.05 + 0.2 * next()) * size];
    return { x, y, radius, colour: colour() };
  });
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    const spot = spots.find((one) => Math.hypot(one.x - x, one.y - y) < one.radius);
    return Math.floor((spot?.colour ?? ground)[i % 3]!);
  });
}

const highest = (logits: Float32Array): number => logits.indexOf(Math.max(...logits));

describe('the model of the package on WebGPU', SLOW_COMPILER, () => {
  let device: GPUDevice;

  beforeAll(async () => {
    device = await openDevice();
    await useBackend('wasm');
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

  // Of 48 pixels, which are enough for every layer and a twentieth of the work.
  it.each([
    ['float32', FLOAT32, 1e-3],
    ['float16 storage', PACKED_FLOAT16, 1e-2],
  ] as const)(
    "gives wasm's logits and class for 20 pictures, with %s",
    async (_, storage, most) => {
      const network = { ...MANIFEST.network, inputSize: 48 };
      const pictures = Array.from({ length: 20 }, (_, seed) => blobs(48, seed + 1));
      const { tensors, bytes } = weightsOf('uint8');
      const shards = MANIFEST.variants.uint8.shards;
      const expected = tfjsLogits(network, decodeWeights({ tensors, shards }, bytes), ...pictures);
      const executor = await start(network, storage, 'uint8');
      const classes = new Set<number>();
      for (const [index, pixels] of pictures.entries()) {
        const wanted = expected.subarray(7 * index, 7 * index + 7);
        const logits = await executor.run(pixels);
        expect(relativeError(logits, wanted)).toBeLessThan(most);
        expect(highest(logits)).toBe(highest(wanted));
        classes.add(highest(wanted));
      }
      expect(classes.size).toBeGreaterThan(2); // the pictures are not all alike to the network
      executor.dispose();
    },
  );
});
