import { describe, expect, it } from 'vitest';
import {
  decodeWeights,
  encodeWeights,
  type NamedArray,
  type WeightsPrecision,
  type WeightsVariant,
} from '../../src/network/index.js';
import { failureOf } from '../support/failure.js';
import { NARROW_NETWORK, randomWeights } from '../support/narrow-model.js';

function concatenate(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

function encoded(
  weights: readonly NamedArray[],
  precision: WeightsPrecision,
  shardBytes?: number,
): { variant: WeightsVariant; bytes: Buffer } {
  const options = shardBytes === undefined ? {} : { shardBytes };
  const { variantTensors, shards } = encodeWeights(weights, precision, options);
  return {
    variant: {
      tensors: variantTensors,
      shards: shards.map(({ length }, i) => ({ file: `${i}.bin`, bytes: length, sha256: '' })),
    },
    bytes: concatenate(shards),
  };
}

const weights = randomWeights(NARROW_NETWORK);
const column = (values: readonly number[]): NamedArray => ({
  name: 'column',
  shape: [values.length, 1],
  data: Float32Array.from(values),
});

/** The largest error of all values, in units of the tolerance of each. */
function worstError(
  decoded: readonly NamedArray[],
  tolerance: (original: number, index: number, i: number) => number,
): number {
  let worst = 0;
  decoded.forEach(({ data }, index) => {
    data.forEach((value, i) => {
      const original = weights[index]!.data[i]!;
      worst = Math.max(worst, Math.abs(value - original) / tolerance(original, index, i));
    });
  });
  return worst;
}

describe('encodeWeights and decodeWeights', () => {
  it('bring back names and shapes in order', () => {
    for (const precision of ['float16', 'uint8'] as const) {
      const { variant, bytes } = encoded(weights, precision);
      const names = decodeWeights(variant, bytes).map(({ name, shape }) => ({ name, shape }));
      expect(names).toEqual(weights.map(({ name, shape }) => ({ name, shape })));
    }
  });

  it('keep values to 11 significant bits as float16', () => {
    const { variant, bytes } = encoded(weights, 'float16');
    const worst = worstError(decodeWeights(variant, bytes), (original) =>
      Math.max(Math.abs(original) * 2 ** -11, 2 ** -25),
    );
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('keep values to half a step of their output channel as uint8', () => {
    const { variant, bytes } = encoded(weights, 'uint8');
    const quantised = variant.tensors.filter(({ dtype }) => dtype === 'uint8');
    expect(quantised.length).toBeGreaterThan(10);
    const worst = worstError(decodeWeights(variant, bytes), (_, index, i) => {
      const { scale } = variant.tensors[index]!;
      return (scale ? scale[i % scale.length]! / 2 : 0) + 1e-7;
    });
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('give each output channel its own scale', () => {
    // Channel 0 spans 0..255, channel 1 spans 0..2.55: steps 1 and 0.01.
    const rows = Array.from({ length: 16 }, (_, i) => [i * 17, i * 0.17]);
    const data = Float32Array.from(rows.flat());
    const { variant } = encoded([{ name: 'two', shape: [16, 2], data }], 'uint8');
    expect(variant.tensors[0]!.scale![0]).toBeCloseTo(1, 4);
    expect(variant.tensors[0]!.scale![1]).toBeCloseTo(0.01, 6);
  });

  it('reach both ends of a range that does not hold zero', () => {
    const values = Array.from({ length: 32 }, (_, i) => 100.0078 + i / 10_000);
    const { variant, bytes } = encoded([column(values)], 'uint8');
    const step = variant.tensors[0]!.scale![0]!;
    const [decoded] = decodeWeights(variant, bytes);
    values.forEach((value, i) => {
      expect(Math.abs(decoded!.data[i]! - value)).toBeLessThanOrEqual(step / 2 + 1e-5);
    });
  });

  it('write scale and min in five digits: there are thousands of them', () => {
    for (const { scale = [], min = [] } of encoded(weights, 'uint8').variant.tensors) {
      for (const value of [...scale, ...min]) expect(value).toBe(Number(value.toPrecision(5)));
    }
  });

  it('keep a channel whose values are all the same', () => {
    const { variant, bytes } = encoded([column(Array<number>(20).fill(-0.25))], 'uint8');
    expect([...decodeWeights(variant, bytes)[0]!.data]).toEqual(Array<number>(20).fill(-0.25));
  });

  it('leave biases and attention kernels in full precision beside uint8', () => {
    const { variant, bytes } = encoded(weights, 'uint8');
    const decoded = decodeWeights(variant, bytes);
    for (const name of ['stem.bias', 'stage1.block1.eca.weight', 'frn.intra.bias']) {
      const index = weights.findIndex((weight) => weight.name === name);
      expect(variant.tensors[index]!.dtype).toBe('float32');
      expect(decoded[index]!.data).toEqual(weights[index]!.data);
    }
  });

  it('cut the bytes into files of the size that was asked for', () => {
    const { shards } = encodeWeights(weights, 'float16', { shardBytes: 10_000 });
    expect(shards.slice(0, -1).every(({ length }) => length === 10_000)).toBe(true);
    expect(shards.at(-1)!.length).toBeLessThanOrEqual(10_000);
    expect(encoded(weights, 'float16').bytes.equals(concatenate(shards))).toBe(true);
  });

  it('read bytes that start anywhere in their buffer', () => {
    const { variant, bytes } = encoded(weights, 'uint8');
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    const [stem] = decodeWeights(variant, shifted);
    expect(stem).toEqual(decodeWeights(variant, bytes)[0]);
  });

  it('refuse weights that are cut short, or too long', () => {
    const { variant, bytes } = encoded(weights, 'float16');
    for (const wrong of [bytes.subarray(0, -1), concatenate([bytes, bytes])]) {
      const error = failureOf(() => decodeWeights(variant, wrong));
      expect(error.code).toBe('weights-truncated');
      expect(error.message).toContain(`${wrong.length} bytes, the manifest says ${bytes.length}`);
    }
  });

  it('refuse to write values that are not finite or beyond float16', () => {
    expect(() => encodeWeights([column([1, NaN])], 'uint8')).toThrow(/"column" holds NaN at 1/);
    expect(() => encodeWeights([column([Infinity])], 'float16')).toThrow(/Infinity at 0/);
    expect(() => encodeWeights([column([0, 70_000])], 'float16')).toThrow(/70000 at 1/);
    expect(() => encodeWeights([{ ...column([1]), shape: [2, 1] }], 'uint8')).toThrow(/1 values/);
  });
});
