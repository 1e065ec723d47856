/** Random choices that are the same in every run. */
export interface Random {
  /** 0, 1, … below the limit. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(values: readonly T[]) => T;
}

/** @param seed - a whole number; each has a sequence of its own (mulberry32) */
export function seeded(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (values) => values[below(values.length)]! };
}
