import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../src/safetensors.js';
import { safetensorsFile as file } from './support/safetensors.js';

const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

/** One array "a" of two float32. */
const entry = (over: object = {}): object => ({
  a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...over },
});

const refusal = (bytes: Uint8Array): unknown => {
  try {
    decodeSafetensors(bytes, 'w.safetensors');
  } catch (error) {
    return error;
  }
  return 'it was accepted';
};

describe('a safetensors file', () => {
  it('gives back names, shapes, values and metadata that were written', () => {
    const arrays = [
      { name: 'stem.weight', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 1e-30, 0, 1e30) },
      { name: 'scale', shape: [], data: Float32Array.of(7) },
      { name: 'nothing', shape: [0, 4], data: new Float32Array(0) },
    ];
    const bytes = encodeSafetensors(arrays, { labels: '["größe"]' });
    const { metadata, arrays: read } = decodeSafetensors(bytes, 'w.safetensors');
    expect(metadata).toEqual({ labels: '["größe"]' });
    expect(read.map(({ name, shape }) => ({ name, shape }))).toEqual(
      arrays.map(({ name, shape }) => ({ name, shape })),
    );
    read.forEach((array, index) => {
      expect(array.dtype).toBe('F32');
      expect(array.read()).toEqual(arrays[index]!.data);
    });
  });

  it('begins as the format says: header length, JSON, values at a multiple of 8', () => {
    const bytes = Buffer.from(
      encodeSafetensors([{ name: 'a', shape: [1], data: Float32Array.of(0.5) }], {}),
    );
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
      __metadata__: {},
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
    });
    expect(bytes.subarray(8 + length)).toEqual(floats(0.5));
  });

  it('is read as F16 and BF16', () => {
    // 1.5 and -2 in both; 2^-24, the smallest half, is no BF16 bit pattern of interest.
    const half = Buffer.from(Uint16Array.of(0x3e00, 0xc000, 0x0001).buffer);
    const brain = Buffer.from(Uint16Array.of(0x3fc0, 0xc000, 0x0001).buffer);
    const header = (dtype: string): object => ({ a: { dtype, shape: [3], data_offsets: [0, 6] } });
    const [f16] = decodeSafetensors(file(header('F16'), half), 'w').arrays;
    expect([...f16!.read()]).toEqual([1.5, -2, 2 ** -24]);
    const [bf16] = decodeSafetensors(file(header('BF16'), brain), 'w').arrays;
    expect([...bf16!.read()]).toEqual([1.5, -2, 2 ** -133]);
  });

  it('may hold whole numbers, which are refused only when they are asked for', () => {
    const header = { count: { dtype: 'I64', shape: [], data_offsets: [0, 8] } };
    const [count] = decodeSafetensors(file(header, Buffer.alloc(8)), 'w.safetensors').arrays;
    expect(() => count!.read()).toThrow(/"count" in w.safetensors is stored as I64/);
  });

  it.each<[string, Buffer, RegExp]>([
    ['of no bytes', Buffer.alloc(0), /0 bytes/],
    ['with a cut header', file(entry(), floats(1, 2)).subarray(0, 20), /header should have/],
    ['with a huge header', Buffer.from('ffffffffffffff7f00', 'hex'), /header should have/],
    ['that is not JSON', file('{"a":', floats(1)), /not JSON/],
    ['whose header is a list', file([], floats()), /no JSON object/],
    ['with values cut off', file(entry(), floats(1)), /take 8 bytes, after the header there are 4/],
    ['with bytes left over', file(entry(), floats(1, 2, 3)), /take 8 bytes/],
    ['with an unknown type', file(entry({ dtype: 'F3' }), floats(1, 2)), /unknown type "F3"/],
    ['with a type from Object', file(entry({ dtype: 'toString' }), floats(1, 2)), /unknown type/],
    ['without a shape', file(entry({ shape: null }), floats(1, 2)), /the shape null/],
    ['with a negative shape', file(entry({ shape: [-2] }), floats(1, 2)), /the shape \[-2\]/],
    ['with another shape', file(entry({ shape: [3] }), floats(1, 2)), /as F32 12/],
    ['with odd offsets', file(entry({ data_offsets: [8] }), floats(1, 2)), /the offsets \[8\]/],
    ['whose array is null', file({ a: null }, floats()), /unknown type/],
    ['whose metadata is no text', file({ __metadata__: { a: 1 } }, floats()), /__metadata__/],
    [
      'with arrays that overlap',
      file({ ...entry(), b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, floats(1, 2, 3)),
      /"b" overlaps/,
    ],
    [
      'with a hole',
      file({ b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, floats(1, 2)),
      /4 bytes before "b"/,
    ],
  ])('%s is refused', (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error).toMatchObject({ code: 'weights-invalid' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain('w.safetensors');
  });
});
