import type { Value } from './arena.js';
import type { Kernel } from './kernel.js';

/** What never changes and is uploaded once. */
export interface Constant {
  readonly label: string;
  readonly data: Float32Array | Uint32Array;
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
