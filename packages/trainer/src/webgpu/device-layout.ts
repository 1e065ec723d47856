import type { ArenaLayout, Slot } from '../arena.js';

/** Values between two parts that are bound by themselves: WebGPU's 256 bytes. */
const ALIGNMENT = 64;

/**
 * Where the arena's slots lie on the device, in values: kernels first, as only they decay, then what else
 * is trained, then the running statistics; each where it can be bound by itself, zeros between.
 */
export interface DeviceLayout {
  readonly offsets: ReadonlyMap<string, number>;
  /** Kernels: `[0, kernels)`. */
  readonly kernels: number;
  /** What Adam changes: `[0, trainable)`. */
  readonly trainable: number;
  readonly total: number;
}

function rank({ kind }: Slot): number {
  return kind === 'kernel' ? 0 : kind === 'statistic' ? 2 : 1;
}

export function deviceLayout({ slots }: ArenaLayout): DeviceLayout {
  const offsets = new Map<string, number>();
  const ends = [0, 0, 0];
  let offset = 0;
  for (const [index, end] of ends.entries()) {
    for (const slot of slots.filter((each) => rank(each) === index)) {
      offsets.set(slot.name, offset);
      offset += Math.ceil(slot.size / ALIGNMENT) * ALIGNMENT;
    }
    ends[index] = Math.max(end, offset);
  }
  const [kernels = 0, trainable = 0, total = 0] = ends;
  return { offsets, kernels, trainable, total };
}

/**
 * An arena's values, or the moments of its trainable part, in the device's order.
 *
 * @param out - receives them; what lies between is left as it is
 */
export function toDevice(
  values: Float32Array,
  { slots }: ArenaLayout,
  { offsets }: DeviceLayout,
  out: Float32Array,
): void {
  for (const { name, offset, size } of slots) {
    if (offset < values.length) out.set(values.subarray(offset, offset + size), offsets.get(name));
  }
}

/** The way back. */
export function fromDevice(
  values: Float32Array,
  { slots }: ArenaLayout,
  { offsets }: DeviceLayout,
  out: Float32Array,
): void {
  for (const { name, offset, size } of slots) {
    const from = offsets.get(name)!;
    if (offset < out.length) out.set(values.subarray(from, from + size), offset);
  }
}
