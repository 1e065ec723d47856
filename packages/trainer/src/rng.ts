/** Everything a generator remembers: four unsigned 32-bit words, not all zero. */
export type RngState = readonly [number, number, number, number];

const WORD_RANGE = 2 ** 32;

/** Spreads every bit of a 32-bit word over the whole word (a bijection). */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/**
 * Seeded random numbers: xoshiro128** (Blackman and Vigna, 2018), period 2^128 - 1.
 * The same state gives the same numbers on every machine. Not for cryptography.
 */
export class Rng {
  readonly #words: [number, number, number, number];

  private constructor(state: RngState) {
    this.#words = [state[0] >>> 0, state[1] >>> 0, state[2] >>> 0, state[3] >>> 0];
  }

  /**
   * Goes on where the generator whose {@link state} this is was.
   *
   * @throws {RangeError} if the state is not four numbers of which one is not zero
   */
  static fromState(state: readonly number[]): Rng {
    const [a, b, c, d] = state;
    if (
      state.length !== 4 ||
      !state.every((word) => Number.isInteger(word) && word >= 0 && word < WORD_RANGE) ||
      !(a || b || c || d)
    ) {
      throw new RangeError(
        `A generator's state is four unsigned 32-bit numbers, not all zero; got [${state.join(', ')}].`,
      );
    }
    return new Rng([a ?? 0, b ?? 0, c ?? 0, d ?? 0]);
  }

  /** What {@link Rng.fromState} needs to go on from here; survives JSON. */
  get state(): RngState {
    return [...this.#words];
  }

  /** A whole number in 0 .. 2^32 - 1. */
  #next(): number {
    const s = this.#words;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] = (s[2] ^ s[0]) >>> 0;
    s[3] = (s[3] ^ s[1]) >>> 0;
    s[1] = (s[1] ^ s[2]) >>> 0;
    s[0] = (s[0] ^ s[3]) >>> 0;
    s[2] = (s[2] ^ shifted) >>> 0;
    s[3] = rotateLeft(s[3], 11) >>> 0;
    return result;
  }

  /** A number in low (included) .. high (excluded, but for rounding). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.#next() / WORD_RANGE);
  }

  /** A number of the normal distribution with mean 0 and standard deviation 1 (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A number of the beta distribution, 0..1; both parameters are positive. */
  beta(a: number, b: number): number {
    const [x, y] = [this.#gamma(a), this.#gamma(b)];
    return x + y > 0 ? x / (x + y) : Number(this.uniform() < a / (a + b)); // both underflowed
  }

  /** A number of the gamma distribution with scale 1 (Marsaglia and Tsang, 2000). */
  #gamma(shape: number): number {
    if (shape < 1) return this.#gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - this.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** A whole number in 0 .. count - 1. */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Puts the array's items in random order, in place, and returns it. */
  shuffle<T>(array: T[]): T[] {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = array[i] as T;
      array[i] = array[j] as T;
      array[j] = kept;
    }
    return array;
  }
}

/**
 * The generator of one stream. Streams of different numbers, or of more or fewer of them, are
 * unrelated, so what is drawn for image i in epoch e does not depend on who draws it or when.
 *
 * @param seed - any integer
 * @param stream - any integers, for example epoch and image
 */
export function createRng(seed: number, ...stream: readonly number[]): Rng {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];
  for (const value of [seed, ...stream, stream.length]) {
    const low = value >>> 0;
    const high = Math.floor(value / WORD_RANGE) >>> 0;
    // Each lane takes the value in with its own turn of the previous lane's bits.
    words[0] = mix((words[0] ^ low) + words[3]);
    words[1] = mix((words[1] ^ high) + words[0]);
    words[2] = mix((words[2] ^ rotateLeft(low, 16)) + words[1]);
    words[3] = mix((words[3] ^ rotateLeft(high, 16)) + words[2]);
  }
  words[3] = (words[3] | 1) >>> 0; // never all zero
  return Rng.fromState(words);
}
