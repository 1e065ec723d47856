import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatenate } from '../../src/bytes.js';
import {
  blockSpecs,
  decodeWeights,
  encodeWeights,
  fromFloat16,
  stemSpec,
  type WeightsPrecision,
} from '../../src/network/index.js';
import {
  packBranches,
  packClassifier,
  packConvolution,
  packRows,
  packStem,
  type Packed,
} from '../../src/webgpu/pack-weights.js';
import { constantBytes, type Constant } from '../../src/webgpu/step.js';
import { FLOAT32, PACKED_FLOAT16 } from '../../src/webgpu/storage.js';
import {
  compileExpansion,
  expandWeights,
  type StoredWeights,
} from '../../src/webgpu/stored-weights.js';
import { randomWeights } from '../support/narrow-model.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { packedValues, relativeError, storedOf } from './support/planned.js';
import { SMALL_NETWORK } from './support/small-network.js';

/** Sizes that fill no vector and no tile. */
const CONFIG = { ...SMALL_NETWORK, width: 6, latentFeatures: 5, latentWidth: 10 };
const WEIGHTS = randomWeights(CONFIG);
const TILING = {
  rowsPerThread: 4,
  quadsPerThread: 1,
  threadRows: 8,
  threadColumns: 2,
  depthQuads: 1,
  slices: 1,
};

/** Every way in which weights are packed. */
function everyPacking(): Packed[] {
  const block = blockSpecs(CONFIG)[1]!; // with a shortcut
  const features = 24;
  const bias = { weight: `${block.conv1.name}.bias`, length: block.conv1.outputChannels };
  return [
    packStem(stemSpec(CONFIG)),
    packConvolution(block.conv1, block.shortcut, TILING),
    packRows(bias, { length: 3 }, { weight: `${block.name}.eca.weight`, length: 3 }),
    packBranches({ features, latents: 5, width: 10 }),
    packClassifier('epn', { features: 10, classes: 7 }),
  ];
}

/** As a model's files hold them. */
function encoded(precision: WeightsPrecision): StoredWeights {
  const { variantTensors: tensors, shards } = encodeWeights(WEIGHTS, precision);
  return { tensors, bytes: concatenate(shards) };
}

/** The same with an odd byte in front, so that no value begins with a whole word. */
function shifted({ tensors, bytes }: StoredWeights): StoredWeights {
  return {
    tensors: tensors.map((entry) => ({ ...entry, byteOffset: entry.byteOffset + 1 })),
    bytes: concatenate([Uint8Array.of(99), bytes]),
  };
}

/** The weights' values by another way. */
function decoded({ tensors, bytes }: StoredWeights): Record<string, Float32Array> {
  const shards = [{ file: '', sha256: '', bytes: bytes.length }];
  const arrays = decodeWeights({ tensors, shards }, bytes);
  return Object.fromEntries(arrays.map(({ name, data }) => [name, data]));
}

describe('weights that are expanded on the device', SLOW_COMPILER, () => {
  let device: GPUDevice;
  let pipeline: GPUComputePipeline;

  beforeAll(async () => {
    device = await openDevice();
    pipeline = await compileExpansion(device);
  }, SLOW_COMPILER.timeout);

  afterAll(() => {
    device.destroy();
  });

  async function expand(
    stored: StoredWeights,
    constants: readonly Constant[],
  ): Promise<DataView[]> {
    const offsets = new Map<Constant, number>();
    let size = 0;
    for (const constant of constants) {
      offsets.set(constant, size);
      size += constantBytes(constant);
    }
    const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = GPUBufferUsage;
    const target = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
    const copy = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
    expandWeights(device, pipeline, stored, offsets, target);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(target, 0, copy, 0, size);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const bytes = copy.getMappedRange().slice(0);
    return [...offsets].map(([constant, at]) => new DataView(bytes, at, constantBytes(constant)));
  }

  it.each([
    ['float32', storedOf(WEIGHTS)],
    ['float16', encoded('float16')],
    ['uint8', encoded('uint8')],
    ['uint8, at odd places,', shifted(encoded('uint8'))],
    ['float16, at odd places,', shifted(encoded('float16'))],
  ])('stored as %s lie where the kernels look for them', async (_, stored) => {
    const values = decoded(stored);
    const constants = everyPacking().flatMap((packed) =>
      [FLOAT32, PACKED_FLOAT16].map((storage) => ({ ...packed, label: '', storage })),
    );
    const views = await expand(stored, constants);
    constants.forEach((constant, index) => {
      const isHalf = constant.storage === PACKED_FLOAT16;
      const view = views[index]!;
      const actual = Float32Array.from({ length: 4 * constant.vectors }, (_, i) =>
        isHalf ? fromFloat16(view.getUint16(2 * i, true)) : view.getFloat32(4 * i, true),
      );
      const error = relativeError(actual, packedValues(constant, values));
      expect(error).toBeLessThan(isHalf ? 1e-3 : 1e-6);
    });
  });

  it('names a weight that is missing', () => {
    const packed = packRows({ weight: 'absent.bias', length: 4 });
    const constants = new Map([[{ ...packed, label: '', storage: FLOAT32 }, 0]]);
    const target = device.createBuffer({ size: 64, usage: GPUBufferUsage.STORAGE });
    expect(() => {
      expandWeights(device, pipeline, encoded('uint8'), constants, target);
    }).toThrow('"absent.bias"');
  });
});
