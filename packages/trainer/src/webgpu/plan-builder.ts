import type { ArenaLayout } from '../arena.js';
import type { DeviceLayout } from './device-layout.js';
import { linearWorkgroups, type Kernel } from './kernel.js';

/** An array on the device. */
export interface Value {
  readonly label: string;
  readonly bytes: number;
}

/** A part of an array that is bound by itself. */
export interface Part {
  readonly value: Value;
  readonly firstByte: number;
  readonly bytes: number;
}

/** One dispatch: what runs, on what, by how many workgroups. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly workgroups: readonly [x: number, y?: number, z?: number];
  /** In the order of the kernel's sizes. */
  readonly sizes: readonly number[];
  /** In the order of the kernel's bindings, but for its sizes. */
  readonly bound: readonly (Value | Part)[];
}

/** Square maps of a batch, [N,side,side,4 quads]. */
export interface FeatureMap {
  readonly value: Value;
  readonly side: number;
  readonly quads: number;
}

const FLOAT_BYTES = 4;
const VECTOR_BYTES = 16;

/** Collects the dispatches of a training step. */
export class PlanBuilder {
  readonly dispatches: Dispatch[] = [];
  /** N */
  readonly images: number;
  /** All trained values and running statistics, by the device's layout. */
  readonly parameters: Value;
  /** Gradients, and the batch's statistics, by the same layout. */
  readonly gradients: Value;
  readonly #layout: ArenaLayout;
  readonly #device: DeviceLayout;

  constructor(images: number, layout: ArenaLayout, device: DeviceLayout) {
    this.images = images;
    this.#layout = layout;
    this.#device = device;
    this.parameters = this.floats('parameters', device.total);
    this.gradients = this.floats('gradients', device.total);
  }

  floats(label: string, count: number): Value {
    return { label, bytes: count * FLOAT_BYTES };
  }

  vectors(label: string, count: number): Value {
    return { label, bytes: count * VECTOR_BYTES };
  }

  map(label: string, side: number, quads: number): FeatureMap {
    return { value: this.vectors(label, this.images * side ** 2 * quads), side, quads };
  }

  /** Vectors of a map. */
  sizeOf({ side, quads }: FeatureMap): number {
    return this.images * side ** 2 * quads;
  }

  parameter(name: string): Part {
    return this.#slot(this.parameters, name);
  }

  /** Where a parameter's gradient goes, or a running statistic's value of the batch. */
  gradient(name: string): Part {
    return this.#slot(this.gradients, name);
  }

  run<Size extends string>(
    kernel: Kernel<Size>,
    workgroups: Dispatch['workgroups'],
    bound: Dispatch['bound'],
    sizes: Readonly<Record<Size, number>>,
  ): void {
    const inOrder = kernel.sizes.map((name) => sizes[name]);
    this.dispatches.push({ kernel, workgroups, bound, sizes: inOrder });
  }

  /** Runs a kernel once for each of `count` elements. */
  runLinear<Size extends string>(
    kernel: Kernel<Size>,
    count: number,
    bound: Dispatch['bound'],
    sizes: Readonly<Record<Size, number>>,
  ): void {
    this.run(kernel, linearWorkgroups(count), bound, sizes);
  }

  #slot(value: Value, name: string): Part {
    const slot = this.#layout.slots.find((each) => each.name === name);
    const offset = this.#device.offsets.get(name);
    if (!slot || offset === undefined) throw new RangeError(`The arena has no "${name}".`);
    // Vectors are bound whole: what lies behind the slot is nobody's.
    const bytes = Math.ceil((slot.size * FLOAT_BYTES) / VECTOR_BYTES) * VECTOR_BYTES;
    return { value, firstByte: offset * FLOAT_BYTES, bytes };
  }
}

export function valueOf(bound: Value | Part): Value {
  return 'value' in bound ? bound.value : bound;
}
