import { describe, expect, it } from 'vitest';
import { gaussianBlur } from '../src/gaussian-blur.js';

const SIZE = 41;
const at = (x: number, y: number, channel: number): number => (y * SIZE + x) * 3 + channel;

describe('gaussianBlur', () => {
  it('spreads a point over a Gaussian of the given deviation, channel by channel', () => {
    const pixels = new Float32Array(SIZE * SIZE * 3);
    pixels[at(20, 20, 1)] = 1000;
    gaussianBlur(pixels, 0, SIZE, 2.5);

    let mass = 0;
    let variance = 0;
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        mass += pixels[at(x, y, 1)]!;
        variance += (pixels[at(x, y, 1)]! * (x - 20) ** 2) / 1000;
        expect(pixels[at(x, y, 0)]).toBe(0);
      }
    }
    expect(mass).toBeCloseTo(1000, 1);
    expect(Math.sqrt(variance)).toBeGreaterThan(2.4); // what lies beyond three deviations is cut
    expect(Math.sqrt(variance)).toBeLessThanOrEqual(2.5);
    expect(pixels[at(23, 20, 1)]).toBeCloseTo(pixels[at(20, 17, 1)]!, 5);
  });

  it('repeats the edge: an image of one colour stays as it is', () => {
    const pixels = Float32Array.from({ length: SIZE * SIZE * 3 }, (_, i) => [10, 100, 200][i % 3]!);
    gaussianBlur(pixels, 0, SIZE, 4);
    pixels.forEach((value, i) => expect(value).toBeCloseTo([10, 100, 200][i % 3]!, 3));
  });

  it('changes only the image at the offset', () => {
    const pixels = Float32Array.from({ length: 2 * SIZE * SIZE * 3 }, (_, i) => (i * 7919) % 256);
    const before = pixels.slice();
    const offset = SIZE * SIZE * 3;
    gaussianBlur(pixels, offset, SIZE, 0.4);
    expect(pixels.subarray(0, offset)).toEqual(before.subarray(0, offset));
    expect(pixels.subarray(offset)).not.toEqual(before.subarray(offset));
  });
});
