import { EmotionCamError } from '../errors.js';
import { fromFloat16, toFloat16 } from './float16.js';
import {
  DTYPE_BYTES,
  sizeOf,
  variantBytes,
  type TensorEntry,
  type WeightsPrecision,
  type WeightsVariant,
} from './manifest.js';

/** A weight in full precision, row-major. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What {@link encodeWeights} gives: entries for the manifest, contents of the files. */
export interface EncodedWeights {
  readonly variantTensors: TensorEntry[];
  readonly shards: Uint8Array<ArrayBuffer>[];
}

const DEFAULT_SHARD_BYTES = 4 * 2 ** 20;

/**
 * Weights with fewer values for each output channel (biases, ECA kernels) stay float32 in the uint8
 * variant: scale and min would take more room than they save.
 */
const FEWEST_QUANTISED_VALUES = 16;

/** Digits of scale and min in the manifest. */
const SIGNIFICANT_DIGITS = 5;

/** Little-endian bytes of one stored tensor and what the manifest has to say about them. */
interface StoredTensor {
  readonly bytes: Uint8Array;
  readonly entry: Omit<TensorEntry, 'byteOffset'>;
}

/** To the digits of the manifest, never up. */
function roundDown(value: number): number {
  if (value === 0) return 0;
  const rounded = Number(value.toPrecision(SIGNIFICANT_DIGITS));
  if (rounded <= value) return rounded;
  const digit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - SIGNIFICANT_DIGITS + 1);
  return Number((rounded - digit).toPrecision(SIGNIFICANT_DIGITS));
}

function storeFloat32({ name, shape, data }: NamedArray): StoredTensor {
  const bytes = new Uint8Array(data.length * 4);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return { bytes, entry: { name, shape, dtype: 'float32' } };
}

function storeFloat16({ name, shape, data }: NamedArray): StoredTensor {
  const bytes = new Uint8Array(data.length * 2);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    view.setUint16(i * 2, toFloat16(value), true);
  });
  return { bytes, entry: { name, shape, dtype: 'float16' } };
}

/** Affine, over the range of each output channel: the error is at most half its scale. */
function storeUint8({ name, shape, data }: NamedArray): StoredTensor {
  const channels = shape.at(-1)!;
  const scale: number[] = [];
  const min: number[] = [];
  const bytes = new Uint8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = channel; i < data.length; i += channels) {
      low = Math.min(low, data[i]!);
      high = Math.max(high, data[i]!);
    }
    const floor = roundDown(low);
    const step = Number(((high - floor) / 255).toPrecision(SIGNIFICANT_DIGITS));
    for (let i = channel; i < data.length; i += channels) {
      bytes[i] = step === 0 ? 0 : Math.round((data[i]! - floor) / step);
    }
    min.push(floor);
    scale.push(step);
  }
  return { bytes, entry: { name, shape, dtype: 'uint8', scale, min } };
}

function store(tensor: NamedArray, precision: WeightsPrecision): StoredTensor {
  const { name, shape, data } = tensor;
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(
      `"${name}" has ${data.length} values, its shape [${shape.join(',')}] ${sizeOf(shape)}.`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (bad >= 0) {
    throw new RangeError(`"${name}" holds ${data[bad]} at ${bad}: the weights are not usable.`);
  }
  if (precision === 'float16') {
    const large = data.findIndex((value) => Math.abs(value) >= 65520);
    if (large >= 0) {
      throw new RangeError(
        `"${name}" holds ${data[large]} at ${large}: float16 ends at 65504. Was the training stable?`,
      );
    }
    return storeFloat16(tensor);
  }
  const valuesPerChannel = data.length / shape.at(-1)!;
  return valuesPerChannel < FEWEST_QUANTISED_VALUES ? storeFloat32(tensor) : storeUint8(tensor);
}

/**
 * Packs weights one after the other, in the given order, and cuts the result into files.
 *
 * @param options.shardBytes - most bytes in one file; default 4 MiB
 * @throws {RangeError} a value is not finite or too large for float16; a shape does not fit its data
 */
export function encodeWeights(
  tensors: readonly NamedArray[],
  precision: WeightsPrecision,
  options: { readonly shardBytes?: number } = {},
): EncodedWeights {
  const { shardBytes = DEFAULT_SHARD_BYTES } = options;
  const stored = tensors.map((tensor) => store(tensor, precision));
  const all = new Uint8Array(stored.reduce((sum, { bytes }) => sum + bytes.length, 0));
  const variantTensors: TensorEntry[] = [];
  let byteOffset = 0;
  for (const { bytes, entry } of stored) {
    all.set(bytes, byteOffset);
    variantTensors.push({ ...entry, byteOffset });
    byteOffset += bytes.length;
  }
  const shards: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < all.length; start += shardBytes) {
    shards.push(all.slice(start, start + shardBytes));
  }
  return { variantTensors, shards };
}

let float16Values: Float32Array | undefined;

/** Values of all 65,536 halves: a look-up decodes twelve million weights in a moment. */
function float16Table(): Float32Array {
  float16Values ??= Float32Array.from({ length: 65536 }, (_, half) => fromFloat16(half));
  return float16Values;
}

function decodeTensor(entry: TensorEntry, bytes: Uint8Array): Float32Array {
  const length = sizeOf(entry.shape);
  const view = new DataView(bytes.buffer, bytes.byteOffset + entry.byteOffset);
  const data = new Float32Array(length);
  switch (entry.dtype) {
    case 'float32':
      for (let i = 0; i < length; i++) data[i] = view.getFloat32(i * 4, true);
      return data;
    case 'float16': {
      const table = float16Table();
      for (let i = 0; i < length; i++) data[i] = table[view.getUint16(i * 2, true)]!;
      return data;
    }
    case 'uint8': {
      const { scale = [], min = [] } = entry; // parseManifest saw to it that they are there
      const channels = scale.length;
      for (let i = 0; i < length; i++) {
        const channel = i % channels;
        data[i] = view.getUint8(i) * scale[channel]! + min[channel]!;
      }
      return data;
    }
  }
}

/**
 * Unpacks weights.
 *
 * @param variant - of a manifest that {@link parseManifest} accepted
 * @param bytes - all shards, concatenated
 * @throws {EmotionCamError} `weights-truncated` unless there are as many bytes as the manifest says
 */
export function decodeWeights(variant: WeightsVariant, bytes: Uint8Array): NamedArray[] {
  const expected = variantBytes(variant);
  const needed = variant.tensors.reduce(
    (end, { shape, dtype, byteOffset }) =>
      Math.max(end, byteOffset + sizeOf(shape) * DTYPE_BYTES[dtype]),
    0,
  );
  if (bytes.length !== expected || bytes.length < needed) {
    throw new EmotionCamError(
      'weights-truncated',
      `The weights have ${bytes.length} bytes, the manifest says ${Math.max(expected, needed)}. ` +
        'Download or copy the model again.',
    );
  }
  return variant.tensors.map((entry) => ({
    name: entry.name,
    shape: entry.shape,
    data: decodeTensor(entry, bytes),
  }));
}
