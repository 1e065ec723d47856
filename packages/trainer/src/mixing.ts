import type { AugmentConfig } from './augment.js';
import type { Rng } from './rng.js';

/** How the images of a batch are mixed, each with the next one and the last with the first. */
export type Mixing =
  | { readonly kind: 'mix-up'; readonly lambda: number }
  | { readonly kind: 'cut-mix'; readonly box: Box };

/** In units of the image's side, 0..1. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Draws how one batch is mixed: by mixup (Zhang et al. 2018), one lambda ~ Beta(alpha, alpha) for
 * the batch, or by CutMix (Yun et al. 2019), one box of the area 1 - lambda about a random centre,
 * cut off at the image's border. Where both are configured, each takes half of the batches.
 *
 * @returns null where the batch stays as it is
 */
export function drawMixing(rng: Rng, config: AugmentConfig): Mixing | null {
  const { mixUpAlpha, cutMixAlpha, mixProbability } = config;
  const isMixed = rng.uniform() < mixProbability;
  const share = mixUpAlpha === 0 ? 0 : cutMixAlpha === 0 ? 1 : 0.5;
  const isMixUp = rng.uniform() < share;
  if (!isMixed || (mixUpAlpha === 0 && cutMixAlpha === 0)) return null;
  if (isMixUp) return { kind: 'mix-up', lambda: rng.beta(mixUpAlpha, mixUpAlpha) };
  const half = Math.sqrt(1 - rng.beta(cutMixAlpha, cutMixAlpha)) / 2;
  const [x, y] = [rng.uniform(), rng.uniform()];
  const inside = (value: number): number => Math.min(1, Math.max(0, value));
  const [left, right] = [inside(x - half), inside(x + half)];
  return { kind: 'cut-mix', box: { left, right, top: inside(y - half), bottom: inside(y + half) } };
}

/**
 * Mixes a batch in place: images, and targets by the share of the image that is left.
 *
 * @param images - [N,S,S,3]
 * @param targets - [N,K]
 */
export function mixBatch(
  images: Float32Array,
  targets: Float32Array,
  count: number,
  mixing: Mixing,
): void {
  const size = Math.sqrt(images.length / count / 3);
  mixTargets(targets, count, mixing, size);
  if (mixing.kind === 'mix-up') {
    blendWithNext(images, count, mixing.lambda);
    return;
  }
  const [x0, y0, x1, y1] = pixelsOf(mixing.box, size);
  const row = size * 3;
  const first = images.slice(0, size * row); // has changed when the last image needs it
  for (let image = 0; image < count; image++) {
    const [source, at] = image + 1 < count ? [images, (image + 1) * size * row] : [first, 0];
    for (let y = y0; y < y1; y++) {
      const from = at + y * row;
      const to = (image * size + y) * row;
      images.set(source.subarray(from + x0 * 3, from + x1 * 3), to + x0 * 3);
    }
  }
}

/**
 * Mixes the targets of a batch in place, by the share of each image that is left.
 *
 * @param targets - [N,K]
 * @param size - side of the images in pixels
 */
export function mixTargets(
  targets: Float32Array,
  count: number,
  mixing: Mixing,
  size: number,
): void {
  if (mixing.kind === 'mix-up') {
    blendWithNext(targets, count, mixing.lambda);
    return;
  }
  const [x0, y0, x1, y1] = pixelsOf(mixing.box, size);
  blendWithNext(targets, count, 1 - ((x1 - x0) * (y1 - y0)) / (size * size));
}

/** Left, top, right and bottom of a box in an image of this side. */
export function pixelsOf(
  { left, top, right, bottom }: Box,
  size: number,
): [left: number, top: number, right: number, bottom: number] {
  const pixel = (place: number): number => Math.round(place * size);
  return [pixel(left), pixel(top), pixel(right), pixel(bottom)];
}

/** x_i becomes lambda x_i + (1 - lambda) x_(i+1); the last row's next is the first. */
function blendWithNext(rows: Float32Array, count: number, lambda: number): void {
  const width = rows.length / count;
  const first = rows.slice(0, width); // has changed when the last row needs it
  const last = rows.length - width;
  for (let i = 0; i < last; i++) {
    rows[i] = lambda * rows[i]! + (1 - lambda) * rows[i + width]!;
  }
  for (let i = 0; i < width; i++) {
    rows[last + i] = lambda * rows[last + i]! + (1 - lambda) * first[i]!;
  }
}
