import { CANONICAL_EYES, type EyeTemplate } from 'emotion-cam/network';
import type { Crop } from '../image.js';
import type { FrameCorrection } from './dataset.js';

/** The correction (scale and shift) that puts level eyes on the canonical ones. */
export function frameFromEyes({ leftEye, rightEye }: EyeTemplate): FrameCorrection {
  const { leftEye: left, rightEye: right } = CANONICAL_EYES;
  const scale = (rightEye[0] - leftEye[0]) / (right[0] - left[0]);
  // The middle of the eyes, solved for the shift in 0.5 + shift + scale * (canonical - 0.5).
  const shift = (axis: 0 | 1): number =>
    (leftEye[axis] + rightEye[axis]) / 2 - 0.5 - scale * ((left[axis] + right[axis]) / 2 - 0.5);
  return { scale, shiftX: shift(0), shiftY: shift(1) };
}

/** A point in pixels of an image. */
export type PixelPoint = readonly [x: number, y: number];

/**
 * The square of an image that shows the canonical face in its middle, `margin` times as wide as the
 * canonical crop. Roll is not corrected, as at run time below the dead band.
 *
 * @param leftEye - in pixels; "left" is the image's left
 */
export function squareFromEyes(
  leftEye: PixelPoint,
  rightEye: PixelPoint,
  margin: number,
): Extract<Crop, { kind: 'square' }> {
  const { leftEye: left, rightEye: right } = CANONICAL_EYES;
  const distance = Math.hypot(rightEye[0] - leftEye[0], rightEye[1] - leftEye[1]);
  const face = distance / (right[0] - left[0]);
  const side = face * margin;
  const start = (axis: 0 | 1): number =>
    (leftEye[axis] + rightEye[axis]) / 2 - ((left[axis] + right[axis]) / 2 - 0.5) * face - side / 2;
  return { kind: 'square', left: start(0), top: start(1), side };
}
