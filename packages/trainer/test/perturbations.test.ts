import { describe, expect, it } from 'vitest';
import { CANONICAL_EYES } from 'emotion-cam/network';
import type { RgbImage } from '../src/image.js';
import { perturb, PERTURBATIONS } from '../src/perturbations.js';
import { createRng } from '../src/rng.js';

const SIDE = 100;

/** An image of one value for each pixel, the same in all channels. */
function drawnBy(value: (x: number, y: number) => number): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    data[i] = value(pixel % SIDE, Math.floor(pixel / SIDE));
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}

const at = ({ data, width }: RgbImage, x: number, y: number): number => data[(y * width + x) * 3]!;

/** Mean square difference of neighbours along x: what blur and fewer pixels take away. */
function detail(image: RgbImage): number {
  let sum = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 1; x < SIDE; x++) sum += (at(image, x, y) - at(image, x - 1, y)) ** 2;
  }
  return sum / (SIDE * (SIDE - 1));
}

const rng = createRng(4);
const noise = drawnBy(() => 128 + 20 * rng.normal());
const grey = drawnBy(() => 100);

describe('perturb', () => {
  it.each(PERTURBATIONS)('%s keeps the size and leaves the original alone', async (kind) => {
    const before = Uint8Array.from(noise.data);
    const { width, height, data } = await perturb(noise, kind);
    expect([width, height, data.length]).toEqual([SIDE, SIDE, SIDE * SIDE * 3]);
    expect(noise.data).toEqual(before);
    expect(Buffer.compare(Buffer.from(data), Buffer.from(before))).not.toBe(0);
  });

  it.each(['blur', 'half-size'] as const)('%s takes detail away', async (kind) => {
    expect(detail(await perturb(noise, kind))).toBeLessThan(0.4 * detail(noise));
  });

  it('jpeg-30 leaves a flat image as it is, but for rounding', async () => {
    const { data } = await perturb(grey, 'jpeg-30');
    expect(data.every((value) => Math.abs(value - 100) <= 2)).toBe(true);
  });

  it('brighter and darker multiply, and stop at white', async () => {
    expect(at(await perturb(grey, 'brighter'), 5, 5)).toBe(140);
    expect(at(await perturb(grey, 'darker'), 5, 5)).toBe(60);
    expect(
      at(
        await perturb(
          drawnBy(() => 200),
          'brighter',
        ),
        5,
        5,
      ),
    ).toBe(255);
  });

  it('roll-right turns the top of the face to the right, by 20 degrees about the centre', async () => {
    // A bright spot 40 pixels above the centre goes to 40 (sin 20, -cos 20) = (13.7, -37.6).
    const spot = drawnBy((x, y) => (Math.hypot(x - 49.5, y - 9.5) < 4 ? 255 : 0));
    const right = await perturb(spot, 'roll-right');
    expect(at(right, 63, 12)).toBeGreaterThan(200);
    expect(at(right, 49, 9)).toBeLessThan(50);
    expect(at(await perturb(spot, 'roll-left'), 36, 12)).toBeGreaterThan(200);
  });

  it('a rolled image repeats its edge, it gets no black corners', async () => {
    const { data } = await perturb(grey, 'roll-left');
    expect(data.every((value) => Math.abs(value - 100) <= 1)).toBe(true);
  });

  it('covers the eyes, or what lies below them, and nothing else', async () => {
    const [eyeX, eyeY] = CANONICAL_EYES.leftEye.map((share) => Math.round(share * SIDE));
    const eyes = await perturb(grey, 'covered-eyes');
    const mouth = await perturb(grey, 'covered-mouth');
    expect([at(eyes, eyeX!, eyeY!), at(eyes, 50, 78)]).toEqual([128, 100]);
    expect([at(mouth, eyeX!, eyeY!), at(mouth, 50, 78)]).toEqual([100, 128]);
  });
});
