import { fromFloat16, sizeOf, type NamedArray } from 'emotion-cam/network';
import { TrainerError } from './errors.js';

/** Bytes of one value, by the format's name of its type. */
const DTYPE_BYTES: ReadonlyMap<string, number> = new Map([
  ['BOOL', 1],
  ['U8', 1],
  ['I8', 1],
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
  ['U16', 2],
  ['I16', 2],
  ['F16', 2],
  ['BF16', 2],
  ['U32', 4],
  ['I32', 4],
  ['F32', 4],
  ['U64', 8],
  ['I64', 8],
  ['F64', 8],
]);

/** The largest header that the format allows. */
const MOST_HEADER_BYTES = 100_000_000;
/** Length of the header, an unsigned 64-bit number. */
const PREFIX_BYTES = 8;

/** One array of a file; its values are converted when they are asked for. */
export interface StoredArray {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /**
   * The values as float32, row-major.
   *
   * @throws {TrainerError} `weights-invalid` unless they are F32, F16 or BF16
   */
  read(): Float32Array;
}

/** A safetensors file as it was read. */
export interface Safetensors {
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: readonly StoredArray[];
}

/** An entry of the header after the checks of its own fields. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In the bytes after the header. */
  readonly begin: number;
  readonly end: number;
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/**
 * Writes arrays as float32, one after the other in the given order.
 *
 * @param metadata - free text by key, stored as `__metadata__`
 */
export function encodeSafetensors(
  arrays: readonly NamedArray[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0;
  const entries = arrays.map(({ name, shape, data }) => {
    const begin = offset;
    offset += data.length * 4;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }] as const;
  });
  const json = Buffer.from(
    JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }),
  );
  const headerBytes = Math.ceil(json.length / 8) * 8; // the values begin at a multiple of 8
  const bytes = Buffer.alloc(PREFIX_BYTES + headerBytes + offset, ' ');
  bytes.writeBigUInt64LE(BigInt(headerBytes));
  json.copy(bytes, PREFIX_BYTES);
  let at = PREFIX_BYTES + headerBytes;
  for (const { data } of arrays) {
    for (const value of data) at = bytes.writeFloatLE(value, at);
  }
  return bytes;
}

/**
 * Reads a file's header and checks it against the bytes: every array lies within the file, none
 * overlaps another, and no byte belongs to none.
 *
 * @param path - for the messages
 * @throws {TrainerError} `weights-invalid`
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): Safetensors {
  const invalid = (what: string): TrainerError =>
    new TrainerError(
      'weights-invalid',
      `${path} is no whole safetensors file: ${what}. Copy or download it again.`,
    );
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < PREFIX_BYTES) {
    throw invalid(`it has ${buffer.length} bytes, fewer than the ${PREFIX_BYTES} of its prefix`);
  }
  const headerBytes = Number(buffer.readBigUInt64LE());
  const start = PREFIX_BYTES + headerBytes;
  if (headerBytes > MOST_HEADER_BYTES || start > buffer.length) {
    throw invalid(`its header should have ${headerBytes} bytes, the file has ${buffer.length}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(buffer.toString('utf8', PREFIX_BYTES, start));
  } catch {
    throw invalid('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw invalid('its header is no JSON object');
  }
  const { __metadata__: metadata = {}, ...fields } = header as Record<string, unknown>;
  if (!isTextByKey(metadata)) throw invalid('its __metadata__ is not text by key');
  const entries = Object.entries(fields).map(([name, field]): [string, Entry] => {
    const entry = entryOf(field);
    if (typeof entry === 'string') throw invalid(`its array "${name}" ${entry}`);
    return [name, entry];
  });
  requireGapless(entries, buffer.length - start, invalid);
  return {
    metadata,
    arrays: entries.map(([name, { dtype, shape, begin, end }]) => ({
      name,
      dtype,
      shape,
      read: () => {
        const values = toFloats(buffer.subarray(start + begin, start + end), dtype);
        if (values) return values;
        throw new TrainerError(
          'weights-invalid',
          `"${name}" in ${path} is stored as ${dtype}. Expected F32, F16 or BF16: convert it first.`,
        );
      },
    })),
  };
}

function isTextByKey(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

/** The checked entry, or what is wrong with it. */
function entryOf(field: unknown): Entry | string {
  const { dtype, shape, data_offsets: offsets } = (field ?? {}) as Record<string, unknown>;
  const size = typeof dtype === 'string' ? DTYPE_BYTES.get(dtype) : undefined;
  if (typeof dtype !== 'string' || size === undefined) {
    return `has the unknown type ${JSON.stringify(dtype)}`;
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    return `has the shape ${JSON.stringify(shape)}`;
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return `has the offsets ${JSON.stringify(offsets)}`;
  }
  const [begin, end] = offsets as [number, number];
  if (end - begin !== sizeOf(shape) * size) {
    return `takes ${end - begin} bytes, its shape [${shape.join(',')}] as ${dtype} ${sizeOf(shape) * size}`;
  }
  return { dtype, shape, begin, end };
}

/** Every byte after the header belongs to exactly one array. */
function requireGapless(
  entries: readonly (readonly [string, Entry])[],
  length: number,
  invalid: (what: string) => TrainerError,
): void {
  const inOrder = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const [name, { begin, end }] of inOrder) {
    if (begin < reached) throw invalid(`its array "${name}" overlaps the one before`);
    if (begin > reached)
      throw invalid(`${begin - reached} bytes before "${name}" belong to no array`);
    reached = end;
  }
  if (reached !== length) {
    throw invalid(`its arrays take ${reached} bytes, after the header there are ${length}`);
  }
}

function toFloats(bytes: Buffer, dtype: string): Float32Array | undefined {
  switch (dtype) {
    case 'F32':
      return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
    case 'F16':
      return Float32Array.from({ length: bytes.length / 2 }, (_, i) =>
        fromFloat16(bytes.readUInt16LE(i * 2)),
      );
    case 'BF16': {
      // The upper half of a float32.
      const halves = Uint32Array.from(
        { length: bytes.length / 2 },
        (_, i) => bytes.readUInt16LE(i * 2) << 16,
      );
      return new Float32Array(halves.buffer);
    }
    default:
      return undefined;
  }
}
