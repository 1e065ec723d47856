import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/network/index.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { planNetwork } from '../../src/webgpu/plan.js';
import { FLOAT32, PACKED_FLOAT16 } from '../../src/webgpu/storage.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { relativeError } from './support/planned.js';

/** The export's generated pictures and the logits that the trainer computed for them. */
interface Golden {
  /** base64 of RGB bytes, [N,S,S,3]. */
  readonly pixels: string;
  readonly variant: { readonly float16: readonly (readonly number[])[] };
}

const read = (file: string): Buffer =>
  readFileSync(new URL(`../../../../models/fdrl-ecanet/${file}`, import.meta.url));

describe('the model of the package on WebGPU', SLOW_COMPILER, () => {
  let device: GPUDevice;

  beforeAll(async () => {
    device = await openDevice();
  }, SLOW_COMPILER.timeout);

  afterAll(() => {
    device.destroy();
  });

  // One storage after the other and one picture: the software adapter takes half a minute for each.
  it.each([
    ['float32', FLOAT32, 1e-4],
    ['float16 storage', PACKED_FLOAT16, 1e-2],
  ] as const)(
    "gives the trainer's logits for a golden picture, with %s",
    async (_, storage, tolerance) => {
      const manifest = parseManifest(JSON.parse(read('manifest.json').toString()));
      const { float16 } = manifest.variants;
      const shards = Buffer.concat(float16.shards.map(({ file }) => read(file)));
      const plan = planNetwork(manifest.network, manifest.input, storage);
      const { tensors } = float16;
      const executor = await PlanExecutor.create(device, plan, { tensors, bytes: shards });
      const golden = JSON.parse(read(manifest.golden.file).toString()) as Golden;
      const pictures = Buffer.from(golden.pixels, 'base64');
      const pixels = Float32Array.from(pictures.subarray(0, manifest.input.size ** 2 * 3));
      const logits = await executor.run(pixels);
      executor.dispose();
      expect(relativeError(logits, golden.variant.float16[0]!)).toBeLessThan(tolerance);
    },
  );
});
