import sharp, { type Sharp } from 'sharp';
import { CANONICAL_EYES } from 'emotion-cam/network';
import type { RgbImage } from './image.js';

/** What is done to a face before it is recognised again, in the order of the tables. */
export const PERTURBATIONS = [
  'blur',
  'jpeg-30',
  'brighter',
  'darker',
  'roll-left',
  'roll-right',
  'half-size',
  'covered-mouth',
  'covered-eyes',
] as const;
export type Perturbation = (typeof PERTURBATIONS)[number];

/** The same in words, for tables. */
export const PERTURBATION_NAMES: Readonly<Record<Perturbation, string>> = {
  blur: 'blur, standard deviation 2 % of the side',
  'jpeg-30': 'JPEG, quality 30',
  brighter: 'brightness +40 %',
  darker: 'brightness -40 %',
  'roll-left': 'rolled 20 degrees to the left',
  'roll-right': 'rolled 20 degrees to the right',
  'half-size': 'half as many pixels a side',
  'covered-mouth': 'mouth covered',
  'covered-eyes': 'eyes covered',
};

/** Standard deviation of the blur as a share of the image's side. */
const BLUR = 0.02;
const BRIGHTNESS = 0.4;
const ROLL_DEGREES = 20;

/** Grey of a cover. */
const COVER = 128;

const pipelineOf = ({ data, width, height }: RgbImage): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } });

async function rgb(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}

/** Multiplies all pixels, cut at white. */
function scaled(image: RgbImage, factor: number): RgbImage {
  return { ...image, data: image.data.map((value) => Math.min(255, Math.round(value * factor))) };
}

/** Turns about the centre; what comes in from beyond the image repeats its edge. */
async function rolled(image: RgbImage, degrees: number): Promise<RgbImage> {
  const { width, height } = image;
  const margin = Math.ceil(Math.max(width, height) * 0.3); // more than a corner travels
  const padded = pipelineOf(image).extend({
    top: margin,
    bottom: margin,
    left: margin,
    right: margin,
    extendWith: 'copy',
  });
  const turned = await rgb(pipelineOf(await rgb(padded)).rotate(degrees));
  return rgb(
    pipelineOf(turned).extract({
      left: Math.round((turned.width - width) / 2),
      top: Math.round((turned.height - height) / 2),
      width,
      height,
    }),
  );
}

/** Covers the rows between two heights, given as shares of the side, and the middle 70 % of columns. */
function covered(image: RgbImage, from: number, to: number): RgbImage {
  const { width, height } = image;
  const data = Uint8Array.from(image.data);
  const [left, right] = [Math.round(0.15 * width), Math.round(0.85 * width)];
  for (let y = Math.round(from * height); y < Math.round(to * height); y++) {
    data.fill(COVER, (y * width + left) * 3, (y * width + right) * 3);
  }
  return { ...image, data };
}

/** Half the pixels along each side, and back to the old size: a face further from the camera. */
async function halved(image: RgbImage): Promise<RgbImage> {
  const { width, height } = image;
  const [w, h] = [Math.max(1, Math.round(width / 2)), Math.max(1, Math.round(height / 2))];
  const small = await rgb(pipelineOf(image).resize(w, h, { fit: 'fill' }));
  return rgb(pipelineOf(small).resize(width, height, { fit: 'fill', kernel: 'linear' }));
}

/**
 * The image, changed. The covers lie where the canonical face has its eyes and, as far below them
 * as the mouth is, its mouth.
 */
export async function perturb(image: RgbImage, kind: Perturbation): Promise<RgbImage> {
  const eyes = CANONICAL_EYES.leftEye[1];
  switch (kind) {
    case 'blur':
      return rgb(pipelineOf(image).blur(Math.max(0.3, BLUR * Math.max(image.width, image.height))));
    case 'jpeg-30':
      return rgb(sharp(await pipelineOf(image).jpeg({ quality: 30 }).toBuffer()));
    case 'brighter':
      return scaled(image, 1 + BRIGHTNESS);
    case 'darker':
      return scaled(image, 1 - BRIGHTNESS);
    case 'roll-left':
      return rolled(image, -ROLL_DEGREES);
    case 'roll-right':
      return rolled(image, ROLL_DEGREES);
    case 'half-size':
      return halved(image);
    case 'covered-mouth':
      return covered(image, eyes + 0.3, eyes + 0.56);
    case 'covered-eyes':
      return covered(image, eyes - 0.1, eyes + 0.1);
  }
}
