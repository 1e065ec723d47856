/** Half precision: IEEE 754 binary16, in the low 16 bits of a number. */

const float32 = new Float32Array(1);
const bits32 = new Uint32Array(float32.buffer);

/** Exponents of binary32 and binary16 differ by 127 - 15. */
const REBIAS = (127 - 15) << 23;
/** Smallest binary32 that a normal binary16 can hold: 2^-14. */
const SMALLEST_NORMAL = (127 - 14) << 23;
/** Halfway from 65504, the largest binary16, to the next; from here on it is infinity. */
const OVERFLOW = 0x477ff000;

/** Rounds to the nearest half, ties to the even one; infinity from 65520 on. */
export function toFloat16(value: number): number {
  float32[0] = value;
  const bits = bits32[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00; // NaN
  if (magnitude >= OVERFLOW) return sign | 0x7c00;
  if (magnitude < SMALLEST_NORMAL) {
    const units = Math.abs(float32[0]) * 2 ** 24; // of the smallest half, 2^-24; exact
    const below = Math.floor(units);
    const rest = units - below;
    const roundsUp = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
    return sign | (below + (roundsUp ? 1 : 0));
  }
  const lastKeptBit = (magnitude >>> 13) & 1;
  return sign | ((magnitude - REBIAS + 0xfff + lastKeptBit) >>> 13);
}

/** The value of a half; exact. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
