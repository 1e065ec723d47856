import type { PlanBuilder, Value } from './plan-builder.js';
import {
  blurKernel,
  finishPicturesKernel,
  pictureMeanKernel,
  resampleKernel,
} from './render-kernels.js';
import type { PlanInputs } from './training-plan.js';

/** Decoded images to what the network sees. */
export function planRendering(
  plan: PlanBuilder,
  { bytes, pictures, settings }: Pick<PlanInputs, 'bytes' | 'pictures' | 'settings'>,
  result: Value,
  options: { imageSize: number; border: number; isBlurred: boolean },
): void {
  const { imageSize, border, isBlurred } = options;
  const { images } = plan;
  const pixels = images * imageSize ** 2;
  let raw = plan.vectors('raw images', pixels);
  plan.runLinear(resampleKernel(images, imageSize), pixels, [bytes, pictures, raw], {});
  for (const axis of isBlurred ? (['x', 'y'] as const) : []) {
    const blurred = plan.vectors(`images blurred along ${axis}`, pixels);
    plan.runLinear(blurKernel(images, imageSize, axis), pixels, [pictures, raw, blurred], {});
    raw = blurred;
  }
  const means = plan.floats('image means', images);
  plan.run(pictureMeanKernel(imageSize), [images], [pictures, raw, means], {});
  plan.runLinear(
    finishPicturesKernel(images, imageSize, border),
    pixels,
    [settings, pictures, means, raw, result],
    {},
  );
}
