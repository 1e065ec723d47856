import type { Value } from './arena.js';
import type { Kernel } from './kernel.js';
import type { ReadWeight } from './pack-weights.js';
import type { Storage } from './storage.js';

/** What never changes and is uploaded once. */
export interface Constant {
  readonly label: string;
  readonly data: Float32Array | Uint32Array | Uint16Array;
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

/** Weights by name, and how the device stores them and the maps. */
export interface PlanSource {
  readonly read: ReadWeight;
  readonly storage: Storage;
}

/** Bytes of a float32 vector of four. */
export const VECTOR_BYTES = 16;
