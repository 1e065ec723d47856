import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../../src/network/float16.js';

/** All halves from 0 up to 65504, the largest, as bits. */
const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => bits);

describe('float16', () => {
  it('gives the values of IEEE 754', () => {
    // sign 1 bit, exponent 5 bits with bias 15, fraction 10 bits
    expect(fromFloat16(0x3c00)).toBe(1);
    expect(fromFloat16(0xc000)).toBe(-2);
    expect(fromFloat16(0x3555)).toBe(1365 / 4096); // (1 + 341/1024) * 2^-2
    expect(fromFloat16(0x7bff)).toBe(65504);
    expect(fromFloat16(0x0400)).toBe(2 ** -14); // smallest normal
    expect(fromFloat16(0x0001)).toBe(2 ** -24); // smallest subnormal
    expect(fromFloat16(0xfc00)).toBe(-Infinity);
    expect(fromFloat16(0x7e00)).toBeNaN();
  });

  it('keeps every half, and its negative', () => {
    for (const bits of FINITE) {
      if (toFloat16(fromFloat16(bits)) !== bits) expect.fail(`half ${bits}`);
      if (toFloat16(-fromFloat16(bits)) !== (bits | 0x8000)) expect.fail(`half -${bits}`);
    }
  });

  it('rounds to the nearest half, and to the even one of two that are as near', () => {
    for (const bits of FINITE.slice(1)) {
      const below = fromFloat16(bits - 1);
      const step = fromFloat16(bits) - below;
      const even = bits % 2 === 0 ? bits : bits - 1;
      if (toFloat16(below + step / 2) !== even) expect.fail(`tie below ${bits}`);
      if (toFloat16(below + step * 0.499) !== bits - 1) expect.fail(`under the tie below ${bits}`);
      if (toFloat16(below + step * 0.501) !== bits) expect.fail(`over the tie below ${bits}`);
    }
  });

  it('ends at 65520, halfway past its largest value', () => {
    expect(toFloat16(65519.99)).toBe(0x7bff);
    expect(toFloat16(65520)).toBe(0x7c00);
    expect(toFloat16(-1e9)).toBe(0xfc00);
    expect(fromFloat16(toFloat16(NaN))).toBeNaN();
  });
});
