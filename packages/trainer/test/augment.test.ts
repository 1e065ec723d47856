import { CANONICAL_EYES, CHANNEL_MEAN, CHANNEL_STD } from 'emotion-cam/network';
import { describe, expect, it } from 'vitest';
import {
  augmentParameters,
  DEFAULT_AUGMENTATION,
  renderInput,
  type AugmentConfig,
  type AugmentParameters,
} from '../src/augment.js';
import type { FrameCorrection } from '../src/datasets/dataset.js';
import type { PixelView } from '../src/image.js';
import { createRng } from '../src/rng.js';

const WHOLE: FrameCorrection = { scale: 1, shiftX: 0, shiftY: 0 };

const UNCHANGED: AugmentParameters = {
  flip: false,
  rotationDegrees: 0,
  scale: 1,
  shiftX: 0,
  shiftY: 0,
  brightness: 1,
  contrast: 1,
  grey: false,
  blur: 0,
};

/** An image with the given RGB value at each pixel. */
function image(
  size: number,
  pixel: (x: number, y: number) => readonly [number, number, number],
): PixelView {
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) data.set(pixel(x, y), (y * size + x) * 3);
  }
  return { width: size, height: size, data };
}

/** Renders and undoes the normalisation: RGB, 0..255, [size,size,3]. */
function render(
  source: PixelView,
  size: number,
  parameters: AugmentParameters | null = null,
  frame: FrameCorrection = WHOLE,
): Float32Array {
  const out = new Float32Array(size * size * 3);
  renderInput(source, frame, parameters, size, out, 0);
  return out.map((value, i) => (value * CHANNEL_STD[i % 3]! + CHANNEL_MEAN[i % 3]!) * 255);
}

/** Where a rendered image is bright: the centre of mass of red, in units of the side. */
function brightSpot(pixels: Float32Array, size: number): [x: number, y: number] {
  let mass = 0;
  let sumX = 0;
  let sumY = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const value = pixels[(y * size + x) * 3]!;
      mass += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  }
  return [sumX / mass / size, sumY / mass / size];
}

/** A black image with a soft bright spot around a point in units of the side. */
function spotImage(size: number, spotX: number, spotY: number): PixelView {
  return image(size, (x, y) => {
    const distance = Math.hypot((x + 0.5) / size - spotX, (y + 0.5) / size - spotY);
    const value = Math.round(255 * Math.exp(-((distance / 0.05) ** 2)));
    return [value, value, value];
  });
}

const noiseImage = image(16, (x, y) => {
  const rng = createRng(9, x, y);
  return [rng.integer(256), rng.integer(256), rng.integer(256)];
});

describe('augmentParameters', () => {
  const draws = (config: AugmentConfig, count = 500): AugmentParameters[] =>
    Array.from({ length: count }, (_, i) => augmentParameters(createRng(1, i), config));

  it('draws the same for the same stream', () => {
    const draw = (): AugmentParameters =>
      augmentParameters(createRng(1, 2, 3), DEFAULT_AUGMENTATION);
    expect(draw()).toEqual(draw());
  });

  it('stays within the limits and comes near them', () => {
    const all = draws(DEFAULT_AUGMENTATION);
    const range = (
      key: 'rotationDegrees' | 'scale' | 'shiftX' | 'shiftY' | 'brightness' | 'contrast',
    ): number[] => {
      const values = all.map((parameters) => parameters[key]);
      return [Math.min(...values), Math.max(...values)];
    };
    const { rotationDegrees, scaleMin, scaleMax, shift, brightness, contrast } =
      DEFAULT_AUGMENTATION;
    for (const [key, low, high] of [
      ['rotationDegrees', -rotationDegrees, rotationDegrees],
      ['scale', scaleMin, scaleMax],
      ['shiftX', -shift, shift],
      ['shiftY', -shift, shift],
      ['brightness', 1 - brightness, 1 + brightness],
      ['contrast', 1 - contrast, 1 + contrast],
    ] as const) {
      const [least, largest] = range(key);
      const margin = (high - low) * 0.05;
      expect(least).toBeGreaterThanOrEqual(low);
      expect(least).toBeLessThan(low + margin);
      expect(largest).toBeLessThanOrEqual(high);
      expect(largest).toBeGreaterThan(high - margin);
    }
  });

  it('flips, greys, blurs and erases as often as configured', () => {
    const all = draws(
      {
        ...DEFAULT_AUGMENTATION,
        flipProbability: 0.5,
        greyProbability: 0.2,
        blurProbability: 0.4,
        eraseProbability: 0.3,
      },
      5000,
    );
    const share = (predicate: (parameters: AugmentParameters) => boolean): number =>
      all.filter(predicate).length / all.length;
    expect(Math.abs(share(({ flip }) => flip) - 0.5)).toBeLessThan(0.04); // 5 sigma
    expect(Math.abs(share(({ grey }) => grey) - 0.2)).toBeLessThan(0.03);
    expect(Math.abs(share(({ blur }) => blur > 0) - 0.4)).toBeLessThan(0.035);
    expect(Math.max(...all.map(({ blur }) => blur))).toBeLessThan(DEFAULT_AUGMENTATION.blurMax);
    expect(Math.abs(share(({ erase }) => erase !== undefined) - 0.3)).toBeLessThan(0.035);
  });

  it('erases rectangles of the configured area inside the crop', () => {
    const all = draws({
      ...DEFAULT_AUGMENTATION,
      eraseProbability: 1,
      eraseAreaMin: 0.05,
      eraseAreaMax: 0.3,
    });
    for (const { erase } of all) {
      const { x, y, width, height } = erase!;
      expect(width * height).toBeGreaterThan(0.0499);
      expect(width * height).toBeLessThan(0.3001);
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1 + 1e-12);
    }
  });

  it('leaves the other augmentations as they were when one is switched off', () => {
    const full = augmentParameters(createRng(4), { ...DEFAULT_AUGMENTATION, eraseProbability: 1 });
    const partial = augmentParameters(createRng(4), {
      ...DEFAULT_AUGMENTATION,
      eraseProbability: 1,
      flipProbability: 0,
      rotationDegrees: 0,
    });
    expect(partial).toEqual({ ...full, flip: false, rotationDegrees: expect.closeTo(0) as number });
  });
});

describe('renderInput', () => {
  it('normalises every channel with its mean and deviation', () => {
    const out = new Float32Array(3);
    renderInput(
      image(1, () => [255, 0, 127.5 * 2]),
      WHOLE,
      null,
      1,
      out,
      0,
    );
    expect(out[0]).toBeCloseTo((1 - 0.485) / 0.229, 5);
    expect(out[1]).toBeCloseTo((0 - 0.456) / 0.224, 5);
    expect(out[2]).toBeCloseTo((1 - 0.406) / 0.225, 5);
  });

  it('reproduces the image when nothing changes and the size stays', () => {
    const pixels = render(noiseImage, 16);
    pixels.forEach((value, i) => {
      expect(value).toBeCloseTo(noiseImage.data[i]!, 2);
    });
  });

  it('does the same with parameters that change nothing as without', () => {
    expect([...render(noiseImage, 20, UNCHANGED)]).toEqual([...render(noiseImage, 20)]);
  });

  it('writes only its own part of a batch', () => {
    const values = 4 * 4 * 3;
    const out = new Float32Array(3 * values).fill(7);
    renderInput(noiseImage, WHOLE, null, 4, out, values);
    expect(new Set([...out.subarray(0, values), ...out.subarray(2 * values)])).toEqual(
      new Set([7]),
    );
    expect(out.subarray(values, 2 * values)).not.toContain(7);
  });

  it('interpolates linearly when it enlarges and repeats the edge outside', () => {
    // Two columns, 0 and 200: their centres lie at 1/4 and 3/4; outputs at 1/8, 3/8, 5/8, 7/8.
    const pixels = render(
      image(2, (x) => [200 * x, 0, 0]),
      4,
    );
    const red = [0, 1, 2, 3].map((column) => pixels[column * 3]);
    [0, 50, 150, 200].forEach((expected, i) => {
      expect(red[i]).toBeCloseTo(expected, 3);
    });
  });

  it('averages when it shrinks instead of picking single pixels', () => {
    // One bright column in four; a single sample at the middle of the four would miss it.
    const striped = image(64, (x) => (x % 4 === 0 ? [200, 200, 200] : [0, 0, 0]));
    for (const value of render(striped, 16)) expect(value).toBeCloseTo(50, 1);
  });

  it('mirrors', () => {
    const pixels = render(noiseImage, 16, { ...UNCHANGED, flip: true });
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const expected = noiseImage.data[(y * 16 + 15 - x) * 3]!;
        expect(pixels[(y * 16 + x) * 3]).toBeCloseTo(expected, 2);
      }
    }
  });

  it('turns by a right angle exactly, clockwise', () => {
    const pixels = render(noiseImage, 16, { ...UNCHANGED, rotationDegrees: 90 });
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        // Clockwise, what was at (column x', row y') comes to (15 - y', x').
        const expected = noiseImage.data[((15 - x) * 16 + y) * 3]!;
        expect(pixels[(y * 16 + x) * 3]).toBeCloseTo(expected, 2);
      }
    }
  });

  it.each<[string, Partial<AugmentParameters>, [number, number]]>([
    ['right and down by a shift', { shiftX: 0.1, shiftY: 0.05 }, [0.8, 0.45]],
    ['away from the centre by a scale', { scale: 1.25 }, [0.75, 0.375]],
    ['to the other side by a flip', { flip: true }, [0.3, 0.4]],
    // (0.2, -0.1) from the centre, turned by 90 degrees clockwise: (0.1, 0.2)
    ['clockwise by a rotation', { rotationDegrees: 90 }, [0.6, 0.7]],
    // flip (-0.2, -0.1), scale 1.2 (-0.24, -0.12), rotate 90 (0.12, -0.24), shift (0.17, -0.27)
    [
      'by all of them in this order: flip, scale, rotation, shift',
      { flip: true, scale: 1.2, rotationDegrees: 90, shiftX: 0.05, shiftY: -0.03 },
      [0.67, 0.23],
    ],
  ])('moves a point %s', (_, changes, [x, y]) => {
    const spot = brightSpot(render(spotImage(100, 0.7, 0.4), 64, { ...UNCHANGED, ...changes }), 64);
    expect(spot[0]).toBeCloseTo(x, 2);
    expect(spot[1]).toBeCloseTo(y, 2);
  });

  it('shows the position 0.5 + shift + scale (u - 0.5) of a source with another frame', () => {
    const frame = { scale: 0.8, shiftX: 0.01, shiftY: 0.06 };
    const { leftEye } = CANONICAL_EYES;
    const sourceX = 0.5 + frame.shiftX + frame.scale * (leftEye[0] - 0.5);
    const sourceY = 0.5 + frame.shiftY + frame.scale * (leftEye[1] - 0.5);
    const spot = brightSpot(render(spotImage(96, sourceX, sourceY), 64, null, frame), 64);
    expect(spot[0]).toBeCloseTo(leftEye[0], 2);
    expect(spot[1]).toBeCloseTo(leftEye[1], 2);
  });

  it('multiplies by the brightness and cuts at white', () => {
    const pixels = render(
      image(2, () => [100, 200, 250]),
      2,
      { ...UNCHANGED, brightness: 1.2 },
    );
    [120, 240, 255].forEach((expected, i) => {
      expect(pixels[i]).toBeCloseTo(expected, 2);
    });
  });

  it('spreads values about the image mean by the contrast', () => {
    const pixels = render(
      image(2, (x) => [100 + 60 * x, 100 + 60 * x, 100 + 60 * x]),
      2,
      { ...UNCHANGED, contrast: 0.5 },
    );
    expect(pixels[0]).toBeCloseTo(115, 2); // 130 - 30 * 0.5
    expect(pixels[3]).toBeCloseTo(145, 2);
  });

  it('changes the contrast before the brightness', () => {
    const source = image(2, (x) => [100 + 60 * x, 100 + 60 * x, 100 + 60 * x]);
    const pixels = render(source, 2, { ...UNCHANGED, contrast: 0.5, brightness: 1.2 });
    expect(pixels[0]).toBeCloseTo(138, 2); // (130 - 30 * 0.5) * 1.2
    expect(pixels[3]).toBeCloseTo(174, 2);
  });

  it('takes colour away and keeps the luma', () => {
    const pixels = render(
      image(1, () => [200, 100, 50]),
      1,
      { ...UNCHANGED, grey: true },
    );
    const luma = 0.299 * 200 + 0.587 * 100 + 0.114 * 50;
    for (const value of pixels) expect(value).toBeCloseTo(luma, 2);
  });

  it('erases a rectangle with unit noise and touches nothing else', () => {
    const size = 64;
    const plain = new Float32Array(size * size * 3);
    const erased = new Float32Array(size * size * 3);
    renderInput(noiseImage, WHOLE, UNCHANGED, size, plain, 0);
    const erase = { x: 0.25, y: 0.5, width: 0.5, height: 0.25, seed: 5 };
    renderInput(noiseImage, WHOLE, { ...UNCHANGED, erase }, size, erased, 0);
    const inside: number[] = [];
    for (let i = 0; i < plain.length; i++) {
      const x = Math.floor(i / 3) % size;
      const y = Math.floor(i / 3 / size);
      if (x >= 16 && x < 48 && y >= 32 && y < 48) inside.push(erased[i]!);
      else expect(erased[i]).toBe(plain[i]);
    }
    const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
    const variance = inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length;
    expect(Math.abs(mean)).toBeLessThan(0.13); // 5 sigma of 1536 values
    expect(Math.abs(variance - 1)).toBeLessThan(0.13);
  });

  it('handles a source that is not square', () => {
    const data = new Uint8Array(4 * 2 * 3).fill(80);
    for (const value of render({ width: 4, height: 2, data }, 3)) expect(value).toBeCloseTo(80, 2);
  });
});
