import { describe, expect, it } from 'vitest';
import { DEFAULT_AUGMENTATION, type AugmentConfig } from '../src/augment.js';
import { drawMixing, mixBatch, type Mixing } from '../src/mixing.js';
import { createRng } from '../src/rng.js';

/** Draws of many batches. */
function draws(config: Partial<AugmentConfig>, count = 400): (Mixing | null)[] {
  return Array.from({ length: count }, (_, batch) =>
    drawMixing(createRng(1, batch), { ...DEFAULT_AUGMENTATION, ...config }),
  );
}

describe('how a batch is mixed', () => {
  it('is not at all unless it is configured', () => {
    expect(draws({}).every((mixing) => mixing === null)).toBe(true);
  });

  it('is mixup with a lambda of the beta distribution', () => {
    const lambdas = draws({ mixUpAlpha: 0.2 }).map((mixing) =>
      mixing?.kind === 'mix-up' ? mixing.lambda : NaN,
    );
    const mean = lambdas.reduce((a, b) => a + b) / lambdas.length;
    expect(mean).toBeGreaterThan(0.43); // 0.5, deviation of the mean 0.021
    expect(mean).toBeLessThan(0.57);
    // Beta(0.2, 0.2): most of the mass lies at the ends.
    expect(lambdas.filter((lambda) => lambda < 0.1 || lambda > 0.9).length).toBeGreaterThan(200);
  });

  it('is CutMix with a box within the image', () => {
    for (const mixing of draws({ cutMixAlpha: 1 })) {
      if (mixing?.kind !== 'cut-mix') throw new Error('expected CutMix');
      const { left, top, right, bottom } = mixing.box;
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(right, bottom)).toBeLessThanOrEqual(1);
      expect(right).toBeGreaterThanOrEqual(left);
      expect(bottom).toBeGreaterThanOrEqual(top);
    }
  });

  it('is each of the two for half of the batches where both are configured', () => {
    const kinds = draws({ mixUpAlpha: 1, cutMixAlpha: 1 }).map((mixing) => mixing?.kind);
    const mixUps = kinds.filter((kind) => kind === 'mix-up').length;
    expect(kinds.filter((kind) => kind === 'cut-mix')).toHaveLength(400 - mixUps);
    expect(Math.abs(mixUps - 200)).toBeLessThan(50); // deviation 10
  });

  it('leaves the share of the batches alone that it is told to', () => {
    const mixed = draws({ mixUpAlpha: 1, mixProbability: 0.25 }).filter(Boolean).length;
    expect(Math.abs(mixed - 100)).toBeLessThan(44); // deviation 8.7
  });
});

/** Three images of 4x4 whose every value is 1, 2 and 4, with one-hot targets. */
function batch(): { images: Float32Array; targets: Float32Array } {
  const images = new Float32Array(3 * 48);
  [1, 2, 4].forEach((value, image) => images.fill(value, image * 48, (image + 1) * 48));
  return { images, targets: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
}

describe('a mixed batch', () => {
  it('blends each image and target with the next, the last with the first', () => {
    const { images, targets } = batch();
    mixBatch(images, targets, 3, { kind: 'mix-up', lambda: 0.75 });
    expect([0, 48, 96].map((at) => images[at])).toEqual([1.25, 2.5, 3.25]);
    expect(images.subarray(96).every((value) => value === 3.25)).toBe(true);
    expect([...targets]).toEqual([0.75, 0.25, 0, 0, 0.75, 0.25, 0.25, 0, 0.75]);
  });

  it('has the box of the next image, and its target by the area of whole pixels', () => {
    const { images, targets } = batch();
    const box = { left: 0.45, top: 0, right: 1, bottom: 0.3 }; // columns 2 and 3 of row 0
    mixBatch(images, targets, 3, { kind: 'cut-mix', box });
    const firstChannel = (image: number): number[] =>
      Array.from({ length: 16 }, (_, pixel) => images[image * 48 + pixel * 3]!);
    expect(firstChannel(0)).toEqual([1, 1, 2, 2, ...Array<number>(12).fill(1)]);
    expect(firstChannel(2)).toEqual([4, 4, 1, 1, ...Array<number>(12).fill(4)]);
    expect([...targets]).toEqual([0.875, 0.125, 0, 0, 0.875, 0.125, 0.125, 0, 0.875]);
  });

  it('is the batch itself where nothing of the next image is taken', () => {
    const { images, targets } = batch();
    const before = structuredClone({ images, targets });
    mixBatch(images, targets, 3, { kind: 'mix-up', lambda: 1 });
    mixBatch(images, targets, 3, {
      kind: 'cut-mix',
      box: { left: 0.5, top: 0.5, right: 0.5, bottom: 0.5 },
    });
    expect({ images, targets }).toEqual(before);
  });
});
