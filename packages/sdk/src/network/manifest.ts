import { EmotionCamError } from '../errors.js';
import type { NetworkConfig } from './config.js';
import { EMOTIONS, type Emotion } from './emotions.js';
import { JsonFieldError, JsonObject } from './json-object.js';
import type { EyeTemplate, UnitPoint } from './preprocessing.js';
import { weightSpecs } from './weights.js';

/** The only version of the format so far. */
export const MANIFEST_VERSION = 1;

/** How weights are stored. */
export type WeightsPrecision = 'float16' | 'uint8';

/** One number for each channel: red, green, blue. */
export type RgbTriple = readonly [red: number, green: number, blue: number];

/** Where one weight lies in the shards and how its values are stored there, little-endian. */
export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float16' | 'uint8' | 'float32';
  /** In the concatenated shards. */
  readonly byteOffset: number;
  /** With `uint8`, value = q * scale + min: one of each per output channel, which is the last axis. */
  readonly scale?: readonly number[];
  readonly min?: readonly number[];
}

/** One weights file. */
export interface ShardEntry {
  /** File name, beside the manifest. */
  readonly file: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** All weights in one precision. */
export interface WeightsVariant {
  readonly shards: readonly ShardEntry[];
  /** Names and shapes are those of `weightSpecs(network, { folded: true })`, in its order. */
  readonly tensors: readonly TensorEntry[];
}

/** `manifest.json` of a model: everything that inference needs and where it came from. */
export interface ModelManifest {
  readonly format: 'emotion-cam-model';
  readonly formatVersion: typeof MANIFEST_VERSION;
  /** As in `fdrl-ecanet`. */
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  /** The architecture. */
  readonly network: NetworkConfig;
  /** Meaning of the outputs, in their order. */
  readonly labels: readonly Emotion[];
  readonly input: {
    /** Side of the square input in pixels. */
    readonly size: number;
    readonly channelOrder: 'rgb';
    /** Subtracted from values in 0..1, then divided by `std`. */
    readonly mean: RgbTriple;
    readonly std: RgbTriple;
  };
  /** Geometry of the face crop that the network was trained on. */
  readonly crop: { readonly eyes: EyeTemplate; readonly rollDeadBandDegrees: number };
  /** Logits are divided by it before softmax; 1 is uncalibrated. */
  readonly temperature: number;
  /** The weights in each precision. */
  readonly variants: Readonly<Record<WeightsPrecision, WeightsVariant>>;
  /** Which of them a page loads. */
  readonly defaultVariant: WeightsPrecision;
  /** File with golden inputs and outputs, beside the manifest. */
  readonly golden: { readonly file: string; readonly sha256: string };
  /** Accuracy by variant, calibration and robustness, as the model card has them. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** Resolved configuration, seed and command. */
  readonly training: Readonly<Record<string, unknown>>;
  /** Under which terms the weights may be used. */
  readonly terms: string;
}

/** Bytes of one stored value. */
export const DTYPE_BYTES: Readonly<Record<TensorEntry['dtype'], number>> = {
  float16: 2,
  uint8: 1,
  float32: 4,
};

/** Number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Bytes of all shards together. */
export function variantBytes(variant: WeightsVariant): number {
  return variant.shards.reduce((sum, shard) => sum + shard.bytes, 0);
}

function parseFile(json: JsonObject): string {
  return json.string('file', /^\w[\w.-]*$/, 'a file name without folders, like "weights-1.bin"');
}

function parseSha256(json: JsonObject): string {
  return json.string('sha256', /^[0-9a-f]{64}$/, 'a sha-256 of 64 hexadecimal digits, lower case');
}

function parseNetwork(json: JsonObject): NetworkConfig {
  return {
    inputSize: json.integer('inputSize', 1),
    width: json.integer('width', 1),
    blocks: json.sizes('blocks'),
    attention: json.oneOf('attention', ['eca', 'none']),
    head: json.oneOf('head', ['fdrl', 'linear']),
    latentFeatures: json.integer('latentFeatures', 1),
    latentWidth: json.integer('latentWidth', 1),
    delta: json.number('delta', 0),
    similarity: json.oneOf('similarity', ['dot', 'cosine', 'euclidean']),
  };
}

function parseInput(json: JsonObject, network: NetworkConfig): ModelManifest['input'] {
  const std = json.numbers('std', 3);
  if (std.some((value) => value <= 0)) {
    throw new JsonFieldError(json.path('std'), std, '3 numbers above 0');
  }
  return {
    size: json.oneOf('size', [network.inputSize]),
    channelOrder: json.oneOf('channelOrder', ['rgb']),
    mean: json.numbers('mean', 3) as RgbTriple,
    std: std as RgbTriple,
  };
}

function parseCrop(json: JsonObject): ModelManifest['crop'] {
  const eyes = json.object('eyes');
  const leftEye = eyes.numbers('leftEye', 2) as UnitPoint;
  const rightEye = eyes.numbers('rightEye', 2) as UnitPoint;
  if (leftEye[0] >= rightEye[0]) {
    throw new JsonFieldError(eyes.path('rightEye'), rightEye, 'a point to the right of leftEye');
  }
  return {
    eyes: { leftEye, rightEye },
    rollDeadBandDegrees: json.number('rollDeadBandDegrees', 0),
  };
}

function parseTensor(json: JsonObject): TensorEntry {
  const shape = json.sizes('shape');
  const entry = {
    name: json.string('name'),
    shape,
    dtype: json.oneOf('dtype', ['float16', 'uint8', 'float32']),
    byteOffset: json.integer('byteOffset', 0),
  };
  if (entry.dtype !== 'uint8') return entry;
  const channels = shape.at(-1)!;
  return { ...entry, scale: json.numbers('scale', channels), min: json.numbers('min', channels) };
}

function parseVariant(json: JsonObject, network: NetworkConfig): WeightsVariant {
  const variant: WeightsVariant = {
    shards: json.objects('shards').map((shard) => ({
      file: parseFile(shard),
      bytes: shard.integer('bytes', 1),
      sha256: parseSha256(shard),
    })),
    tensors: json.objects('tensors').map(parseTensor),
  };
  const describe = (weights: readonly { name: string; shape: readonly number[] }[]): string[] =>
    weights.map(({ name, shape }) => `${name} [${shape.join(',')}]`);
  const expected = describe(weightSpecs(network, { folded: true }));
  const got = describe(variant.tensors);
  const wrong = Array.from({ length: Math.max(got.length, expected.length) }, (_, i) => i).find(
    (i) => got[i] !== expected[i],
  );
  if (wrong !== undefined) {
    const wanted = expected[wrong] ?? 'nothing more: the network has no such weight';
    throw new JsonFieldError(json.path(`tensors[${wrong}]`), got[wrong], wanted);
  }
  const bytes = variantBytes(variant);
  for (const { name, shape, dtype, byteOffset } of variant.tensors) {
    const end = byteOffset + sizeOf(shape) * DTYPE_BYTES[dtype];
    if (end > bytes) {
      throw new JsonFieldError(json.path('shards'), variant.shards, `${end} bytes for "${name}"`);
    }
  }
  return variant;
}

function parseFields(json: JsonObject): ModelManifest {
  const network = parseNetwork(json.object('network'));
  const labels = json.check(
    'labels',
    (value): value is readonly Emotion[] => JSON.stringify(value) === JSON.stringify(EMOTIONS),
    JSON.stringify(EMOTIONS),
  );
  const variants = json.object('variants');
  const golden = json.object('golden');
  return {
    format: 'emotion-cam-model',
    formatVersion: MANIFEST_VERSION,
    name: json.string('name'),
    created: json.string('created', /^\d{4}-\d\d-\d\dT/, 'a time as in 2026-11-24T10:00:00Z'),
    network,
    labels,
    input: parseInput(json.object('input'), network),
    crop: parseCrop(json.object('crop')),
    temperature: json.positive('temperature'),
    variants: {
      float16: parseVariant(variants.object('float16'), network),
      uint8: parseVariant(variants.object('uint8'), network),
    },
    defaultVariant: json.oneOf('defaultVariant', ['float16', 'uint8']),
    golden: { file: parseFile(golden), sha256: parseSha256(golden) },
    metrics: json.record('metrics'),
    training: json.record('training'),
    terms: json.string('terms'),
  };
}

/**
 * Checks a parsed `manifest.json`: after it, names and shapes of the weights are the network's and
 * every weight lies inside the shards.
 *
 * @throws {EmotionCamError} `manifest-invalid` naming the bad field; `manifest-version`
 */
export function parseManifest(json: unknown): ModelManifest {
  try {
    const document = new JsonObject(json, '');
    document.oneOf('format', ['emotion-cam-model']);
    const version = document.integer('formatVersion', 1);
    if (version !== MANIFEST_VERSION) {
      throw new EmotionCamError(
        'manifest-version',
        `The model's manifest has format version ${version}, expected ${MANIFEST_VERSION}. ` +
          'Use the version of emotion-cam that the model was exported with, or export it again.',
      );
    }
    return parseFields(document);
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    throw new EmotionCamError(
      'manifest-invalid',
      `The model's manifest is not valid: ${error.message}. Export the model again, or check that ` +
        'the address is that of an emotion-cam model.',
      { cause: error },
    );
  }
}
