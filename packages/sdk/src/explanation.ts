import { shown } from './check-option.js';
import { EmotionCamError } from './errors.js';
import type { CropTransform } from './face-crop.js';
import type { Emotion } from './network/emotions.js';

/** Where in a frame the network sees an expression. */
export interface Explanation {
  /** `id` of the face's readings. */
  readonly faceId: number;
  /** The expression that is explained. */
  readonly emotion: Emotion;
  /** When the frame was shown; a later one than the last result's if it was on its way meanwhile. */
  readonly timestampMs: number;
  /**
   * Grad-CAM of the last convolution, row by row, 0..1 relative to the strongest place. All 0 where
   * nothing speaks for the expression.
   */
  readonly values: Float32Array;
  /** Places along a row of `values`: 7 for a model of 224 pixels. */
  readonly width: number;
  /** Rows of `values`. */
  readonly height: number;
  /** The same at the size of the crop, from transparent through yellow to red, to be laid over it. */
  readonly canvas: OffscreenCanvas;
  /**
   * From pixels of `canvas` to pixels of the frame: after `context.setTransform(toFrame)`,
   * `drawImage(canvas, 0, 0)` puts it over the face.
   */
  readonly toFrame: CropTransform;
}

/**
 * The error for a face that there is not.
 *
 * @param known - ids of the faces that there are; `undefined` before the first frame
 */
export function faceUnknown(faceId: number, known: readonly number[] | undefined): EmotionCamError {
  const found = known === undefined ? 'no frame was recognised yet' : known.join(', ') || 'no face';
  return new EmotionCamError(
    'face-unknown',
    `There is no face ${shown(faceId)} in the newest frame (there: ${found}). Pass the id of a face of ` +
      'the last result, before the face is gone.',
  );
}
