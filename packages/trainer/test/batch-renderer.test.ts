import { describe, expect, it } from 'vitest';
import { DEFAULT_AUGMENTATION, renderInput } from '../src/augment.js';
import { BatchRenderer } from '../src/batch-renderer.js';
import { allocateBlocks } from '../src/datasets/image-blocks.js';
import { mixBatch } from '../src/mixing.js';
import { createRng } from '../src/rng.js';
import type { BatchPlan, SharedImages } from '../src/worker-protocol.js';

const SIDE = 20;
const SHARE = { seed: 3, worker: 1, outputs: 7 };

/** Three generated images, one of each of the first classes. */
function generatedImages(): SharedImages {
  const rng = createRng(1);
  const pixels = allocateBlocks(3, SIDE * SIDE * 3);
  pixels.blocks[0]!.forEach((_, i, values) => (values[i] = rng.integer(256)));
  const targets = new Float32Array(3 * 7);
  for (let row = 0; row < 3; row++) targets[row * 7 + row] = 1;
  return {
    pixels,
    width: SIDE,
    height: SIDE,
    frame: { scale: 1, shiftX: 0, shiftY: 0 },
    targets,
  };
}

const planOf = (step: number, indices: number[]): BatchPlan => ({
  items: indices.map((index) => ({ slot: 'generated', index, stream: [step, index] })),
  imageSize: 32,
  augmentation: { ...DEFAULT_AUGMENTATION, mixUpAlpha: 0.4, mixProbability: 1 },
  stream: [step],
});

function rendererWithImages(): BatchRenderer {
  const renderer = new BatchRenderer();
  renderer.setImages('generated', generatedImages());
  return renderer;
}

describe('BatchRenderer', () => {
  const plan = planOf(1, [2, 0, 1]);
  const expected = rendererWithImages().take(plan, SHARE);

  it('gives a batch rendered ahead the same values as one rendered in time', () => {
    const renderer = rendererWithImages();
    renderer.prepare(plan, SHARE);
    expect(renderer.take(plan, SHARE)).toEqual(expected);
    expect(expected.count).toBe(3);
    expect(expected.images.some((value) => value !== 0)).toBe(true);
  });

  it('does not render again what was rendered ahead', () => {
    const renderer = rendererWithImages();
    renderer.prepare(plan, SHARE);
    renderer.dropImages('generated');
    expect(renderer.take(plan, SHARE)).toEqual(expected);
    expect(() => renderer.take(plan, SHARE)).toThrow('no images in slot "generated"');
  });

  it('shows a teacher the same images at its own size', () => {
    const renderer = rendererWithImages();
    const taught = renderer.take({ ...plan, teacherImageSize: 64 }, SHARE);
    expect(taught.images).toEqual(expected.images);
    expect(taught.targets).toEqual(expected.targets);
    const large = taught.teacherImages!;
    expect(large).toHaveLength(3 * 64 * 64 * 3);
    // The same light falls on both: the mean of each image, mixed and augmented alike.
    for (let image = 0; image < 3; image++) {
      const meanOf = (values: Float32Array, size: number): number =>
        values
          .subarray(image * size * size * 3, (image + 1) * size * size * 3)
          .reduce((sum, value) => sum + value, 0) /
        (size * size * 3);
      expect(meanOf(large, 64)).toBeCloseTo(meanOf(expected.images, 32), 1);
    }
    const same = renderer.take({ ...plan, teacherImageSize: 32 }, SHARE);
    expect(same.teacherImages).toBe(same.images);
  });

  it('drops what was rendered ahead where another batch is asked for', () => {
    const renderer = rendererWithImages();
    renderer.prepare(planOf(2, [2, 0, 1]), SHARE);
    expect(renderer.take(plan, SHARE)).toEqual(expected);
  });

  it.each([
    ['mixup', { mixUpAlpha: 0.4 }],
    ['CutMix', { mixUpAlpha: 0, cutMixAlpha: 1 }],
  ])('lists for a device what it would render itself, with the same chance: %s', (_, mixes) => {
    const augmentation = { ...plan.augmentation, eraseProbability: 0, ...mixes };
    const own = { ...plan, augmentation, teacherImageSize: 16 };
    const { images, targets, teacherImages } = rendererWithImages().take(own, SHARE);
    const listed = rendererWithImages().list(own, SHARE);
    const rendered = new Float32Array(images.length);
    listed.pictures.forEach(({ source, frame, parameters }, row) => {
      renderInput(source, frame, parameters, 32, rendered, row * 32 * 32 * 3);
    });
    mixBatch(rendered, new Float32Array(3 * 7), 3, listed.mixing!);
    expect(rendered).toEqual(images);
    expect(listed.targets).toEqual(targets);
    expect(listed.teacherImages).toEqual(teacherImages);
    expect(listed.imageSize).toBe(32);
  });
});
