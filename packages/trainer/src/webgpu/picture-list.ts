import { pictureTransform, type AugmentParameters } from '../augment.js';
import type { FrameCorrection } from '../datasets/dataset.js';
import type { PixelView } from '../image.js';

/** Bytes of a `Picture` of `render-kernels.ts`. */
export const PICTURE_BYTES = 80;
const WORDS = PICTURE_BYTES / 4;

/** A decoded image and how it is changed. */
export interface Picture {
  readonly source: PixelView;
  readonly frame: FrameCorrection;
  /** `null`: the evaluation transform. */
  readonly parameters: AugmentParameters | null;
}

/**
 * What the device renders a batch from: the images' bytes one after the other, and a list that says where
 * each begins and how it is changed.
 *
 * @param size - S of the rendered images
 * @param bytes - receives the images; at least as long as all of them together
 */
export function pictureList(
  pictures: readonly Picture[],
  size: number,
  bytes: Uint8Array,
): ArrayBuffer {
  const list = new ArrayBuffer(pictures.length * PICTURE_BYTES);
  const floats = new Float32Array(list);
  const words = new Uint32Array(list);
  let first = 0;
  pictures.forEach(({ source, frame, parameters }, index) => {
    const at = index * WORDS;
    const { transform, samples } = pictureTransform(source, frame, parameters, size);
    const { xx, xy, x0, yx, yy, y0 } = transform;
    const { brightness = 1, contrast = 1, blur = 0, grey = false, erase } = parameters ?? {};
    floats.set([xx, xy, x0, yx, yy, y0], at);
    words.set([first, source.width, source.height, samples, grey ? 1 : 0], at + 6);
    floats.set([blur * size, brightness, contrast], at + 11);
    if (erase) {
      const pixel = (place: number): number => Math.round(place * size);
      const { x, y, width, height, seed } = erase;
      words.set([pixel(x), pixel(y), pixel(x + width), pixel(y + height), seed], at + 14);
    }
    bytes.set(source.data, first);
    first += source.data.length;
  });
  return list;
}
