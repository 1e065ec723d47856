/** One of the loops around a row: how often, and how far from one to the next. */
export interface Loop {
  readonly count: number;
  /** In values of the weight. */
  readonly source: number;
  /** In vectors of the constant. */
  readonly target: number;
}

/**
 * Rows of a weight, and where in a constant they come to lie. A row's last vector is filled up with
 * zeros, as is what nothing is copied to.
 */
export interface Gather {
  /** Name of the weight. */
  readonly weight: string;
  /** The first value. */
  readonly source: number;
  /** The first vector, from the constant's start. */
  readonly target: number;
  /** From the outermost to the innermost. */
  readonly loops: readonly [Loop, Loop, Loop];
  /** Values of a row, and how far they are from each other in the weight. */
  readonly columns: number;
  readonly columnStride: number;
  /** Of the outermost loop: values from here on, counted along it and the row, are zeros. */
  readonly end: number;
}

const ONCE: Loop = { count: 1, source: 0, target: 0 };
const NO_END = 2 ** 32 - 1;

/** @param changes - what differs from one row at the beginning of both */
export function gather(
  changes: Pick<Gather, 'weight' | 'columns'> & Partial<Omit<Gather, 'loops'>>,
  ...loops: readonly Loop[]
): Gather {
  const [first = ONCE, second = ONCE, third = ONCE] = [ONCE, ONCE, ONCE, ...loops].slice(-3);
  return {
    source: 0,
    target: 0,
    columnStride: 1,
    end: NO_END,
    ...changes,
    loops: [first, second, third],
  };
}

/** Vectors that are written for a {@link Gather}. */
export function gatheredVectors({ loops, columns }: Gather): number {
  return loops.reduce((product, { count }) => product * count, 1) * Math.ceil(columns / 4);
}
