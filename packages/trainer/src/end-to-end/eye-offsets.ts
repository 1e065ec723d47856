import { CANONICAL_EYES, type UnitPoint } from 'emotion-cam/network';
import type { FrameCorrection, Sample } from '../datasets/dataset.js';
import { croppedSize, type ImageSize } from '../image.js';
import type { Spread } from '../results.js';
import { spreadOf } from '../statistics/spread.js';

/** A point in pixels of an image. */
export interface PixelPoint {
  readonly x: number;
  readonly y: number;
}

/** The eyes of a face; "left" is the picture's left. */
export type Eyes = readonly [left: PixelPoint, right: PixelPoint];

/** Mean and sample standard deviation over the faces. */
export type Deviation = Pick<Spread, 'mean' | 'standardDeviation'>;

/**
 * Where the detector finds the eyes, against where they should be if the set's frame were right;
 * lengths in units of the distance that the eyes should have, x to the right, y down.
 */
export interface EyeOffsets {
  readonly leftX: Deviation;
  readonly leftY: Deviation;
  readonly rightX: Deviation;
  readonly rightY: Deviation;
  /** Distance of the eyes found, divided by the distance that they should have. */
  readonly distance: Deviation;
  /** Tilt of the line between the eyes found, clockwise as seen. */
  readonly rollDegrees: Deviation;
}

/** Where the eyes of a face in the set's frame are, in pixels of the whole image. */
export function expectedEyes(
  { crop }: Pick<Sample, 'crop'>,
  frame: FrameCorrection,
  size: ImageSize,
): Eyes {
  const { width, height } = croppedSize(size, crop);
  const origin =
    crop?.kind === 'square'
      ? { x: crop.left, y: crop.top }
      : { x: (size.width - width) / 2, y: (size.height - height) / 2 };
  const at = ([u, v]: UnitPoint): PixelPoint => ({
    x: origin.x + width * (0.5 + frame.shiftX + frame.scale * (u - 0.5)),
    y: origin.y + height * (0.5 + frame.shiftY + frame.scale * (v - 0.5)),
  });
  return [at(CANONICAL_EYES.leftEye), at(CANONICAL_EYES.rightEye)];
}

/**
 * Sums up many faces.
 *
 * @throws {RangeError} of no face
 */
export function eyeOffsets(faces: readonly { found: Eyes; expected: Eyes }[]): EyeOffsets {
  const unit = ({ expected: [left, right] }: { expected: Eyes }): number =>
    Math.hypot(right.x - left.x, right.y - left.y);
  const offset = (eye: 0 | 1, axis: 'x' | 'y'): Deviation =>
    deviationOf(
      faces.map((face) => (face.found[eye][axis] - face.expected[eye][axis]) / unit(face)),
    );
  const between = ({ found: [left, right] }: { found: Eyes }): PixelPoint => ({
    x: right.x - left.x,
    y: right.y - left.y,
  });
  return {
    leftX: offset(0, 'x'),
    leftY: offset(0, 'y'),
    rightX: offset(1, 'x'),
    rightY: offset(1, 'y'),
    distance: deviationOf(
      faces.map((face) => Math.hypot(between(face).x, between(face).y) / unit(face)),
    ),
    rollDegrees: deviationOf(
      faces.map((face) => (Math.atan2(between(face).y, between(face).x) * 180) / Math.PI),
    ),
  };
}

function deviationOf(values: readonly number[]): Deviation {
  const { mean, standardDeviation } = spreadOf(values);
  return { mean, standardDeviation };
}
