import { valueOf, type Dispatch, type Value } from './plan-builder.js';

/** Which buffer holds each value, and how large the buffers are. */
export interface BufferPlan {
  readonly buffers: ReadonlyMap<Value, number>;
  readonly bytes: readonly number[];
}

/** A free buffer more than so many times as large as a value is left for a larger one. */
const MOST_WASTE = 2;

/**
 * Gives every value a buffer: kept ones their own, others one that no value needs any more, where there is
 * one. A step's maps take most of the memory, and their gradients come when many maps are done with.
 *
 * @param kept - written or read from outside, or needed by the next step
 */
export function planBuffers(
  dispatches: readonly Pick<Dispatch, 'bound'>[],
  kept: ReadonlySet<Value>,
): BufferPlan {
  const lastUses = new Map<Value, number>();
  dispatches.forEach(({ bound }, index) => {
    for (const one of bound) lastUses.set(valueOf(one), index);
  });
  const buffers = new Map<Value, number>();
  const bytes: number[] = [];
  const create = (value: Value): number => bytes.push(value.bytes) - 1;
  for (const value of kept) buffers.set(value, create(value));
  let free: number[] = [];
  dispatches.forEach(({ bound }, index) => {
    const values = new Set(bound.map(valueOf));
    for (const value of values) {
      if (buffers.has(value)) continue;
      const [best] = free
        .filter((one) => bytes[one]! >= value.bytes && bytes[one]! <= MOST_WASTE * value.bytes)
        .sort((a, b) => bytes[a]! - bytes[b]!);
      free = free.filter((one) => one !== best);
      buffers.set(value, best ?? create(value));
    }
    for (const value of values) {
      if (lastUses.get(value) === index && !kept.has(value)) free.push(buffers.get(value)!);
    }
  });
  return { buffers, bytes };
}
