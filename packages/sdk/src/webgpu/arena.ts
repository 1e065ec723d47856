/** A result of one step that later steps read. */
export interface Value {
  readonly label: string;
  readonly bytes: number;
}

/** What a step does to values, in the order of the steps. */
export interface ValueUse {
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
}

/** Where a value lies. */
export interface Place {
  readonly buffer: number;
  readonly offset: number;
}

/** Places for all values, and the sizes of the buffers that hold them. */
export interface Arena {
  readonly places: ReadonlyMap<Value, Place>;
  readonly bufferBytes: readonly number[];
}

/** WebGPU's default `minStorageBufferOffsetAlignment`. */
export const OFFSET_ALIGNMENT = 256;

/** A step may read two buffers that it does not write: with a third there is always one to write to. */
const BUFFERS = 3;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
}

interface Placed extends Place {
  readonly end: number;
  /** The last step that reads it. */
  readonly lastUse: number;
}

/**
 * Gives every value a place in one of three buffers, so that values that are needed at the same time
 * do not overlap. What a step writes lies in another buffer than what it reads: WebGPU lets a buffer be
 * either written or read by a dispatch, and a buffer that is only read can be read faster.
 *
 * @throws {RangeError} a step reads values in all three buffers
 */
export function planArena(steps: readonly ValueUse[]): Arena {
  const lastUses = new Map<Value, number>();
  steps.forEach(({ reads, writes }, index) => {
    for (const value of [...writes, ...reads]) lastUses.set(value, index);
  });
  const placed = new Map<Value, Placed>();
  const bufferBytes = Array.from({ length: BUFFERS }, () => 0);
  steps.forEach(({ reads, writes }, index) => {
    const readBuffers = new Set(reads.map((value) => placed.get(value)?.buffer));
    const free = bufferBytes.map((_, buffer) => buffer).filter((n) => !readBuffers.has(n));
    // All that a step writes goes to one buffer, so that its readers read few.
    const total = writes.reduce((sum, { bytes }) => sum + aligned(bytes), 0);
    const live = [...placed.values()].filter(({ lastUse }) => lastUse >= index);
    const [best] = free
      .map((buffer) => ({ buffer, offset: firstGap(total, buffer, live) }))
      .sort((a, b) => growth(a, total, bufferBytes) - growth(b, total, bufferBytes));
    if (!best) throw new RangeError(`Step ${index} reads values in all ${BUFFERS} buffers.`);
    let { offset } = best;
    for (const value of writes) {
      const end = offset + aligned(value.bytes);
      placed.set(value, { buffer: best.buffer, offset, end, lastUse: lastUses.get(value)! });
      offset = end;
    }
    bufferBytes[best.buffer] = Math.max(bufferBytes[best.buffer]!, offset);
  });
  return { places: placed, bufferBytes };
}

function growth(place: Place, bytes: number, bufferBytes: readonly number[]): number {
  return Math.max(0, place.offset + bytes - bufferBytes[place.buffer]!);
}

/** The lowest offset at which so many bytes are free beside the values that are still needed. */
function firstGap(bytes: number, buffer: number, live: readonly Placed[]): number {
  const neighbours = live
    .filter((value) => value.buffer === buffer)
    .sort((a, b) => a.offset - b.offset);
  let offset = 0;
  for (const neighbour of neighbours) {
    if (offset + bytes <= neighbour.offset) break;
    offset = Math.max(offset, neighbour.end);
  }
  return offset;
}
