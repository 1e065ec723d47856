import type { TensorEntry } from '../network/manifest.js';
import { gatheredVectors, type Gather } from './gather.js';

const THREADS = 64;
/** Workgroups side by side; more go below. WebGPU allows 65,535. */
const ACROSS = 32_768;

/** Bytes of the uniform `Gather`, as far apart as WebGPU wants offsets. */
export const GATHER_UNIFORM_BYTES = 256;

const KINDS: Readonly<Record<TensorEntry['dtype'], number>> = { float32: 0, float16: 1, uint8: 2 };

/** What a dispatch of the kernel works on besides its {@link Gather}. */
export interface Expansion {
  readonly gather: Gather;
  readonly tensor: TensorEntry;
  /** The tensor's first pair of scale and minimum. */
  readonly firstScale: number;
  /** The constant's first byte. */
  readonly constantOffset: number;
  /** Whether the constant is stored as float16. */
  readonly isHalf: boolean;
}

/** The uniform's contents: the fields of `Gather`, in order. */
export function expansionUniform(expansion: Expansion): Uint32Array<ArrayBuffer> {
  const { gather, tensor, firstScale, constantOffset, isHalf } = expansion;
  const vectorPairs = isHalf ? 1 : 2; // of u32
  return Uint32Array.of(
    ...gather.loops.flatMap(({ count, source, target }) => [count, source, target]),
    gather.source,
    constantOffset / 8 + gather.target * vectorPairs,
    gather.columns,
    gather.columnStride,
    gather.end,
    tensor.byteOffset,
    KINDS[tensor.dtype],
    tensor.shape.at(-1)!,
    firstScale,
    Number(isHalf),
  );
}

export function expansionWorkgroups(gather: Gather): [across: number, down: number] {
  const groups = Math.ceil(gatheredVectors(gather) / THREADS);
  return [Math.min(groups, ACROSS), Math.ceil(groups / ACROSS)];
}

/**
 * Unpacks stored weights and puts them where a constant has them. A thread writes a vector of four.
 *
 * Bindings: `Gather`; the stored bytes; scale and minimum of each channel of uint8 tensors; constants.
 */
export const EXPAND_CODE: string = `
struct Gather {
  count0: u32, source0: u32, target0: u32,
  count1: u32, source1: u32, target1: u32,
  count2: u32, source2: u32, target2: u32,
  source: u32,
  /** In pairs of u32, as are the others' sums below. */
  first: u32,
  columns: u32,
  columnStride: u32,
  end: u32,
  byteOffset: u32,
  kind: u32,
  channels: u32,
  firstScale: u32,
  isHalf: u32,
}

@group(0) @binding(0) var<uniform> gather: Gather;
@group(0) @binding(1) var<storage, read> stored: array<u32>;
@group(0) @binding(2) var<storage, read> scales: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> constants: array<vec2u>;

/** Four bytes from any one on. */
fn bytesAt(offset: u32) -> u32 {
  let shift = 8u * (offset % 4u);
  let low = stored[offset / 4u] >> shift;
  if (shift == 0u) {
    return low;
  }
  return low | (stored[offset / 4u + 1u] << (32u - shift));
}

fn valueAt(index: u32) -> f32 {
  if (gather.kind == ${KINDS.float32}u) {
    return bitcast<f32>(bytesAt(gather.byteOffset + 4u * index));
  }
  if (gather.kind == ${KINDS.float16}u) {
    return unpack2x16float(bytesAt(gather.byteOffset + 2u * index) & 0xffffu).x;
  }
  let scale = scales[gather.firstScale + index % gather.channels];
  return f32(bytesAt(gather.byteOffset + index) & 0xffu) * scale.x + scale.y;
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let id = (group.y * ${ACROSS}u + group.x) * ${THREADS}u + thread;
  let rowVectors = (gather.columns + 3u) / 4u;
  let row = id / rowVectors;
  let vector = id % rowVectors;
  let i2 = row % gather.count2;
  let i1 = row / gather.count2 % gather.count1;
  let i0 = row / gather.count2 / gather.count1;
  if (i0 >= gather.count0) {
    return;
  }
  let source = gather.source + i0 * gather.source0 + i1 * gather.source1 + i2 * gather.source2;
  var value = vec4f();
  for (var i = 0u; i < 4u; i++) {
    let column = 4u * vector + i;
    if (column < gather.columns && i0 * gather.source0 + column < gather.end) {
      value[i] = valueAt(source + column * gather.columnStride);
    }
  }
  let offset = i0 * gather.target0 + i1 * gather.target1 + i2 * gather.target2 + vector;
  if (gather.isHalf == 1u) {
    constants[gather.first + offset] = vec2u(pack2x16float(value.xy), pack2x16float(value.zw));
  } else {
    let words = bitcast<vec4u>(value);
    constants[gather.first + 2u * offset] = words.xy;
    constants[gather.first + 2u * offset + 1u] = words.zw;
  }
}
`;
