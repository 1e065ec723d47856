import type { Value } from './arena.js';
import type { Kernel } from './kernel.js';
import type { Packed } from './pack-weights.js';
import type { Storage } from './storage.js';

/** What never changes: weights, and values that are known without them. */
export interface Constant extends Packed {
  readonly label: string;
  readonly storage: Storage;
  /** float32, or the contents of a uniform; zeros where there are none and no weights. */
  readonly values?: {
    readonly firstVector: number;
    readonly data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  };
}

export function constantBytes({ vectors, storage }: Constant): number {
  return vectors * storage.bytes;
}

/** One dispatch: what runs, on what, by how many workgroups. */
export interface Step {
  readonly kernel: Kernel;
  readonly workgroups: readonly [x: number, y?: number, z?: number];
  /** In the order of the kernel's bindings. */
  readonly bound: readonly (Value | Constant)[];
}

/** A square map of features between two steps, [side,side,C]. */
export interface FeatureMap {
  readonly value: Value;
  readonly side: number;
  readonly quads: number;
}

/** Bytes of a float32 vector of four. */
export const VECTOR_BYTES = 16;
