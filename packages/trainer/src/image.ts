import sharp, { type Sharp } from 'sharp';
import { TrainerError } from './errors.js';

/** A view of interleaved RGB pixels, 0..255, [height,width,3]. */
export interface PixelView {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A decoded image. */
export interface RgbImage extends PixelView {
  readonly channels: 3;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Where the pixels of an image are. */
export type ImageSource =
  | { readonly kind: 'file'; readonly path: string }
  | {
      /** Grey values, 0..255, row by row, that stood in a table. */
      readonly kind: 'grey';
      readonly width: number;
      readonly height: number;
      readonly values: Uint8Array;
      /** File and line of the table, for people. */
      readonly origin: string;
    };

/** The part of an image that is used. */
export type Crop =
  /** The largest square in the middle. */
  | { readonly kind: 'centre-square' }
  /** A square in pixels of the source; beyond the image its edge is repeated. */
  | {
      readonly kind: 'square';
      readonly left: number;
      readonly top: number;
      readonly side: number;
    };

/** Where an image comes from, for people. */
export function nameOfSource(source: ImageSource): string {
  return source.kind === 'file' ? source.path : source.origin;
}

function pipeline(source: ImageSource): Sharp {
  if (source.kind === 'file') return sharp(source.path);
  const { width, height, values } = source;
  return sharp(values, { raw: { width, height, channels: 1 } });
}

function unreadable(source: ImageSource, cause: unknown): TrainerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TrainerError(
    'image-unreadable',
    `The image ${nameOfSource(source)} cannot be decoded: ${reason}. ` +
      'Expected a whole JPEG, PNG or WebP file.',
    { cause },
  );
}

/**
 * Size of an image as it is seen (turned as its EXIF data says), from its header.
 *
 * @throws {TrainerError} `image-unreadable`
 */
export async function sizeOfImage(source: ImageSource): Promise<ImageSize> {
  if (source.kind === 'grey') return { width: source.width, height: source.height };
  try {
    const { autoOrient } = await sharp(source.path).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch (cause) {
    throw unreadable(source, cause);
  }
}

/** Size of the part of an image that a crop leaves. */
export function croppedSize({ width, height }: ImageSize, crop: Crop | undefined): ImageSize {
  if (!crop) return { width, height };
  const side = crop.kind === 'square' ? Math.round(crop.side) : Math.min(width, height);
  return { width: side, height: side };
}

/**
 * Decodes an image (JPEG, PNG and what else libvips reads) to 8-bit RGB; grey is repeated in the
 * three channels, transparency is dropped, and a photograph is turned as its EXIF data says.
 *
 * @throws {TrainerError} `image-unreadable`: the file is missing, cut short or no image
 */
export async function decodeImage(source: ImageSource): Promise<RgbImage> {
  try {
    return await rgbOf(pipeline(source).autoOrient());
  } catch (cause) {
    throw unreadable(source, cause);
  }
}

/**
 * Decodes a part of an image and stretches it to a size; large files are read at a fraction of
 * their size where the format allows it.
 *
 * @throws {TrainerError} `image-unreadable`
 */
export async function decodeAtSize(
  source: ImageSource,
  crop: Crop | undefined,
  size: ImageSize,
): Promise<RgbImage> {
  if (crop?.kind === 'square') {
    return resizeImage(cutSquare(await decodeImage(source), crop), size);
  }
  const fit = crop ? 'cover' : 'fill'; // `cover` keeps the middle
  try {
    return await rgbOf(pipeline(source).autoOrient().resize(size.width, size.height, { fit }));
  } catch (cause) {
    throw unreadable(source, cause);
  }
}

async function rgbOf(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) {
    throw new Error(`it decodes to ${info.channels} channels instead of 3`);
  }
  return { width: info.width, height: info.height, channels: 3, data };
}

/** A square of an image, to whole pixels; beyond the image its edge is repeated. */
function cutSquare(image: RgbImage, square: Extract<Crop, { kind: 'square' }>): RgbImage {
  const side = Math.round(square.side);
  const left = Math.round(square.left);
  const top = Math.round(square.top);
  const data = new Uint8Array(side * side * 3);
  const clamp = (value: number, length: number): number => Math.max(0, Math.min(length - 1, value));
  let to = 0;
  for (let row = 0; row < side; row++) {
    const sourceRow = clamp(top + row, image.height) * image.width;
    for (let column = 0; column < side; column++) {
      const from = (sourceRow + clamp(left + column, image.width)) * 3;
      data[to++] = image.data[from]!;
      data[to++] = image.data[from + 1]!;
      data[to++] = image.data[from + 2]!;
    }
  }
  return { width: side, height: side, channels: 3, data };
}

/** The image stretched to another size. */
async function resizeImage(image: RgbImage, { width, height }: ImageSize): Promise<RgbImage> {
  const raw = { width: image.width, height: image.height, channels: image.channels };
  return rgbOf(sharp(image.data, { raw }).resize(width, height, { fit: 'fill' }));
}
