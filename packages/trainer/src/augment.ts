import { CHANNEL_MEAN, CHANNEL_STD } from 'emotion-cam/network';
import type { FrameCorrection } from './datasets/dataset.js';
import { gaussianBlur } from './gaussian-blur.js';
import type { PixelView } from './image.js';
import { createRng, type Rng } from './rng.js';

/** How far training images are changed at random (paper, section 4). */
export interface AugmentConfig {
  /** Probability of a mirrored image, 0..1. */
  readonly flipProbability: number;
  /** Largest rotation either way. */
  readonly rotationDegrees: number;
  /** Smallest and largest size of the face; 1 is the canonical size. */
  readonly scaleMin: number;
  readonly scaleMax: number;
  /** Largest shift along x and y, either way, in units of the crop's side. */
  readonly shift: number;
  /** Pixels are multiplied by 1 - brightness .. 1 + brightness. */
  readonly brightness: number;
  /** Distances from the image's mean are multiplied by 1 - contrast .. 1 + contrast. */
  readonly contrast: number;
  /** Probability of an image without colour, 0..1: FER+ and CK+ have none. */
  readonly greyProbability: number;
  /** Probability of a blurred image, 0..1: cameras that are out of focus, faces that are far away. */
  readonly blurProbability: number;
  /** Largest standard deviation of the blur, in units of the crop's side. */
  readonly blurMax: number;
  /** Probability of one erased rectangle, 0..1 (random erasing, Zhong et al. 2020). */
  readonly eraseProbability: number;
  /** Smallest and largest erased share of the image's area. */
  readonly eraseAreaMin: number;
  readonly eraseAreaMax: number;
  /** Parameter of mixup's beta distribution; 0: no mixup. */
  readonly mixUpAlpha: number;
  /** The same of CutMix; where both are above 0, each mixes half of the batches. */
  readonly cutMixAlpha: number;
  /** Share of the batches that are mixed, where one of the two is above 0. */
  readonly mixProbability: number;
}

/** Covers what frame corrections leave: noisy key points, sets that are not aligned. */
export const DEFAULT_AUGMENTATION: AugmentConfig = {
  flipProbability: 0.5,
  rotationDegrees: 15,
  scaleMin: 0.85,
  scaleMax: 1.15,
  shift: 0.08,
  brightness: 0.2,
  contrast: 0.2,
  greyProbability: 0.1,
  blurProbability: 0,
  blurMax: 0.02,
  eraseProbability: 0.25,
  eraseAreaMin: 0.02,
  eraseAreaMax: 0.2,
  mixUpAlpha: 0,
  cutMixAlpha: 0,
  mixProbability: 1,
};

/** A rectangle filled with noise, in units of the crop's side. */
export interface EraseRectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Seed of the noise. */
  readonly seed: number;
}

/** One image's share of chance. */
export interface AugmentParameters {
  readonly flip: boolean;
  /** Clockwise, as seen. */
  readonly rotationDegrees: number;
  /** Above 1 the face gets larger. */
  readonly scale: number;
  /** To the right and down, in units of the crop's side. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** Factors; 1 changes nothing. */
  readonly brightness: number;
  readonly contrast: number;
  readonly grey: boolean;
  /** Standard deviation of a Gaussian blur, in units of the crop's side; 0: none. */
  readonly blur: number;
  readonly erase?: EraseRectangle;
}

/** The evaluation transform of an image's mirror image. */
export const MIRRORED: AugmentParameters = {
  flip: true,
  rotationDegrees: 0,
  scale: 1,
  shiftX: 0,
  shiftY: 0,
  brightness: 1,
  contrast: 1,
  grey: false,
  blur: 0,
};

/** Largest ratio of an erased rectangle's sides, either way (random erasing's own value, 1 / 0.3). */
const ERASE_ASPECT_MAX = 3.3;

/**
 * Draws one image's parameters. The number of draws does not depend on the configuration, so
 * switching one augmentation off leaves the others as they were.
 */
export function augmentParameters(rng: Rng, config: AugmentConfig): AugmentParameters {
  const flip = rng.uniform() < config.flipProbability;
  const rotationDegrees = rng.uniform(-config.rotationDegrees, config.rotationDegrees);
  const scale = rng.uniform(config.scaleMin, config.scaleMax);
  const shiftX = rng.uniform(-config.shift, config.shift);
  const shiftY = rng.uniform(-config.shift, config.shift);
  const brightness = rng.uniform(1 - config.brightness, 1 + config.brightness);
  const contrast = rng.uniform(1 - config.contrast, 1 + config.contrast);
  const grey = rng.uniform() < config.greyProbability;
  const erased = rng.uniform() < config.eraseProbability;
  const erase = eraseRectangle(rng, config);
  const blurred = rng.uniform() < config.blurProbability;
  const blur = rng.uniform(0, config.blurMax);
  return {
    flip,
    rotationDegrees,
    scale,
    shiftX,
    shiftY,
    brightness,
    contrast,
    grey,
    blur: blurred ? blur : 0,
    ...(erased && { erase }),
  };
}

/** A rectangle of random area, aspect and place that lies within the crop. */
function eraseRectangle(rng: Rng, config: AugmentConfig): EraseRectangle {
  const area = rng.uniform(config.eraseAreaMin, config.eraseAreaMax);
  const aspect = ERASE_ASPECT_MAX ** rng.uniform(-1, 1);
  const width = Math.min(1, Math.sqrt(area * aspect));
  const height = Math.min(1, area / width);
  return {
    x: rng.uniform(0, 1 - width),
    y: rng.uniform(0, 1 - height),
    width,
    height,
    seed: rng.integer(2 ** 32),
  };
}

/** Source pixels per output pixel above which one bilinear sample would alias. */
const SUPERSAMPLE_ABOVE = 1.25;

/**
 * From output pixels to source pixels, both counted from pixel centres:
 * `sourceX = xx * column + xy * row + x0`, `sourceY = yx * column + yy * row + y0`.
 */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

/** Flip, rotation, scale, shift, frame correction and resizing as one transform. */
function sourceTransform(
  source: PixelView,
  frame: FrameCorrection,
  parameters: AugmentParameters | null,
  outputSize: number,
): Affine {
  const radians = ((parameters?.rotationDegrees ?? 0) * Math.PI) / 180;
  const zoom = 1 / (parameters?.scale ?? 1);
  const cos = Math.cos(radians) * zoom;
  const sin = Math.sin(radians) * zoom;
  const mirror = parameters?.flip ? -1 : 1;
  // The output shows the face mirrored, then scaled and rotated about the centre, then shifted;
  // here that is undone from the last to the first: crop position (u, v) from the centre becomes
  // mirror * (cos (u - shiftX) + sin (v - shiftY)), -sin (u - shiftX) + cos (v - shiftY).
  const step = 1 / outputSize;
  const u0 = 0.5 * step - 0.5 - (parameters?.shiftX ?? 0);
  const v0 = 0.5 * step - 0.5 - (parameters?.shiftY ?? 0);
  const sideX = frame.scale * source.width;
  const sideY = frame.scale * source.height;
  return {
    xx: sideX * mirror * cos * step,
    xy: sideX * mirror * sin * step,
    x0: sideX * mirror * (cos * u0 + sin * v0) + (0.5 + frame.shiftX) * source.width - 0.5,
    yx: sideY * -sin * step,
    yy: sideY * cos * step,
    y0: sideY * (cos * v0 - sin * u0) + (0.5 + frame.shiftY) * source.height - 0.5,
  };
}

/**
 * The transform of an image, and the side of the grid of samples that an output pixel is the mean of: more
 * than one where the image shrinks.
 *
 * @param parameters - `null`: the evaluation transform
 * @param outputSize - S, the side in pixels
 */
export function pictureTransform(
  source: PixelView,
  frame: FrameCorrection,
  parameters: AugmentParameters | null,
  outputSize: number,
): { readonly transform: Affine; readonly samples: number } {
  const transform = sourceTransform(source, frame, parameters, outputSize);
  const footprint = Math.max(
    Math.hypot(transform.xx, transform.yx),
    Math.hypot(transform.xy, transform.yy),
  );
  return { transform, samples: footprint > SUPERSAMPLE_ABOVE ? Math.ceil(footprint) : 1 };
}

/**
 * Renders one input of the network: one affine resampling (bilinear; averaged over a grid of
 * samples where it shrinks), blur, colour changes, normalisation, erasing. What lies beyond the source
 * repeats its edge.
 *
 * @param parameters - `null` renders the whole canonical frame unchanged: the evaluation transform
 * @param outputSize - S, the side in pixels
 * @param out - receives S*S*3 normalised RGB values, [S,S,3], from `outOffset` on
 */
export function renderInput(
  source: PixelView,
  frame: FrameCorrection,
  parameters: AugmentParameters | null,
  outputSize: number,
  out: Float32Array,
  outOffset: number,
): void {
  const { transform, samples } = pictureTransform(source, frame, parameters, outputSize);
  resample(source, transform, samples, outputSize, out, outOffset);

  const length = outputSize * outputSize * 3;
  if (parameters?.blur) gaussianBlur(out, outOffset, outputSize, parameters.blur * outputSize);
  if (parameters?.grey) removeColour(out, outOffset, length);
  const { brightness = 1, contrast = 1 } = parameters ?? {};
  if (brightness !== 1 || contrast !== 1) {
    adjust(out, outOffset, length, brightness, contrast);
  }
  normalise(out, outOffset, length);
  if (parameters?.erase) erase(parameters.erase, outputSize, out, outOffset);
}

/** Writes RGB, 0..255. */
function resample(
  source: PixelView,
  transform: Affine,
  samples: number,
  size: number,
  out: Float32Array,
  outOffset: number,
): void {
  const { data, width, height } = source;
  const { xx, xy, x0, yx, yy, y0 } = transform;
  const lastX = width - 1;
  const lastY = height - 1;
  const share = 1 / (samples * samples);
  let o = outOffset;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = 0; j < samples; j++) {
        const v = row + (j + 0.5) / samples - 0.5;
        for (let i = 0; i < samples; i++) {
          const u = column + (i + 0.5) / samples - 0.5;
          let x = xx * u + xy * v + x0;
          let y = yx * u + yy * v + y0;
          x = x < 0 ? 0 : x > lastX ? lastX : x;
          y = y < 0 ? 0 : y > lastY ? lastY : y;
          const left = x | 0;
          const top = y | 0;
          const fx = x - left;
          const fy = y - top;
          const right = left < lastX ? 3 : 0; // from the left pixel to the right one
          const a = (top * width + left) * 3;
          const b = top < lastY ? a + width * 3 : a;
          const w00 = (1 - fx) * (1 - fy);
          const w01 = fx * (1 - fy);
          const w10 = (1 - fx) * fy;
          const w11 = fx * fy;
          const c = a + right;
          const d = b + right;
          red += data[a]! * w00 + data[c]! * w01 + data[b]! * w10 + data[d]! * w11;
          green +=
            data[a + 1]! * w00 + data[c + 1]! * w01 + data[b + 1]! * w10 + data[d + 1]! * w11;
          blue += data[a + 2]! * w00 + data[c + 2]! * w01 + data[b + 2]! * w10 + data[d + 2]! * w11;
        }
      }
      out[o++] = red * share;
      out[o++] = green * share;
      out[o++] = blue * share;
    }
  }
}

/** Replaces each pixel by its luma (ITU-R BT.601). */
function removeColour(out: Float32Array, offset: number, length: number): void {
  for (let i = offset; i < offset + length; i += 3) {
    const luma = 0.299 * out[i]! + 0.587 * out[i + 1]! + 0.114 * out[i + 2]!;
    out[i] = luma;
    out[i + 1] = luma;
    out[i + 2] = luma;
  }
}

/** Contrast about the image's mean, then brightness, cut to 0..255. */
function adjust(
  out: Float32Array,
  offset: number,
  length: number,
  brightness: number,
  contrast: number,
): void {
  let sum = 0;
  for (let i = offset; i < offset + length; i++) sum += out[i]!;
  const factor = contrast * brightness;
  const constant = (sum / length) * (1 - contrast) * brightness;
  for (let i = offset; i < offset + length; i++) {
    const value = out[i]! * factor + constant;
    out[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

/** 0..255 to (value / 255 - mean) / std. */
function normalise(out: Float32Array, offset: number, length: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const factor = 1 / (255 * CHANNEL_STD[channel]!);
    const constant = -CHANNEL_MEAN[channel]! / CHANNEL_STD[channel]!;
    for (let i = offset + channel; i < offset + length; i += 3) {
      out[i] = out[i]! * factor + constant;
    }
  }
}

/** Fills a rectangle with uniform noise of mean 0 and standard deviation 1. */
function erase(
  rectangle: EraseRectangle,
  size: number,
  out: Float32Array,
  outOffset: number,
): void {
  const rng = createRng(rectangle.seed);
  const limit = Math.sqrt(3); // uniform in +-sqrt(3) has variance 1
  const left = Math.round(rectangle.x * size);
  const right = Math.round((rectangle.x + rectangle.width) * size);
  const top = Math.round(rectangle.y * size);
  const bottom = Math.round((rectangle.y + rectangle.height) * size);
  for (let row = top; row < bottom; row++) {
    const end = outOffset + (row * size + right) * 3;
    for (let i = outOffset + (row * size + left) * 3; i < end; i++) {
      out[i] = rng.uniform(-limit, limit);
    }
  }
}
