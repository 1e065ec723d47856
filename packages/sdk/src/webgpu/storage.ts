/**
 * How maps and large weights lie in the device's memory. Kernels compute in float32 in any case: sums of
 * float16 would lose a digit for every ten of their terms' (docs/decisions/0009-webgpu-plan.md).
 */
export interface Storage {
  /** A vector of four channels in memory, in WGSL. */
  readonly type: string;
  /** Bytes of that vector. */
  readonly bytes: number;
  /** What a shader must begin with. */
  readonly directives: string;
  /** Functions that `load` and `store` call. */
  readonly functions: string;
  /** The expression of a stored vector as vec4f. */
  readonly load: (stored: string) => string;
  /** The expression of a vec4f as it is stored. */
  readonly store: (value: string) => string;
}

export const FLOAT32: Storage = {
  type: 'vec4f',
  bytes: 16,
  directives: '',
  functions: '',
  load: (stored) => stored,
  store: (value) => value,
};

/** Half the bytes, on every device: packing is part of WGSL. */
export const PACKED_FLOAT16: Storage = {
  type: 'vec2u',
  bytes: 8,
  directives: '',
  functions: `
fn unpackQuad(stored: vec2u) -> vec4f {
  return vec4f(unpack2x16float(stored.x), unpack2x16float(stored.y));
}
fn packQuad(value: vec4f) -> vec2u {
  return vec2u(pack2x16float(value.xy), pack2x16float(value.zw));
}
`,
  load: (stored) => `unpackQuad(${stored})`,
  store: (value) => `packQuad(${value})`,
};

/** The same bytes, read and written without packing where the device has float16 (`shader-f16`). */
export const NATIVE_FLOAT16: Storage = {
  type: 'vec4h',
  bytes: 8,
  directives: 'enable f16;\n',
  functions: '',
  load: (stored) => `vec4f(${stored})`,
  store: (value) => `vec4h(${value})`,
};

/** float16 as this device stores it best. */
export function float16Storage(device: GPUDevice): Storage {
  return device.features.has('shader-f16') ? NATIVE_FLOAT16 : PACKED_FLOAT16;
}
