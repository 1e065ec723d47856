/**
 * What happens to pixels before the network, read by the SDK, the trainer and the export.
 * The runtime takes these numbers from a model's manifest; these are what the trainer writes there.
 */

/** Mean of each RGB channel in 0..1 that is subtracted (docs/paper.md, "normalisation"). */
export const CHANNEL_MEAN: readonly [number, number, number] = [0.485, 0.456, 0.406];

/** Standard deviation of each RGB channel in 0..1 that the difference is divided by. */
export const CHANNEL_STD: readonly [number, number, number] = [0.229, 0.224, 0.225];

/** A point in units of the crop's side, origin at its top left corner. */
export type UnitPoint = readonly [x: number, y: number];

/** Where the eyes lie in a crop. "Left" is the image's left: the person's right eye. */
export interface EyeTemplate {
  readonly leftEye: UnitPoint;
  readonly rightEye: UnitPoint;
}

/**
 * The canonical face: where the eyes lie in RAF-DB's aligned images as the runtime's detector sees
 * them (measured on 1,500 training images; eye distance 0.44 of the side, eye middle at (0.50, 0.34)).
 */
export const CANONICAL_EYES: EyeTemplate = {
  leftEye: [0.28, 0.34],
  rightEye: [0.72, 0.34],
};

/**
 * Roll up to which a crop is not turned. One key point is noisy by about .02 of the face, so turning
 * every crop costs accuracy on upright faces (docs/decisions/0003-crop.md); training covers the rest.
 */
export const ROLL_DEAD_BAND_DEGREES = 6;
