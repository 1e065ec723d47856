import sharp from 'sharp';
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

/**
 * Decodes an image file (JPEG, PNG and what else libvips reads) to 8-bit RGB; grey is repeated in
 * the three channels, transparency is dropped.
 *
 * @throws {TrainerError} `image-unreadable`: the file is missing, cut short or no image
 */
export async function decodeImage(path: string): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(path)
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) {
      throw new Error(`it decodes to ${info.channels} channels instead of 3`);
    }
    return { width: info.width, height: info.height, channels: 3, data };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TrainerError(
      'image-unreadable',
      `The image ${path} cannot be decoded: ${reason}. Expected a whole JPEG or PNG file.`,
      { cause },
    );
  }
}

/** The image stretched to another size. */
export async function resizeImage(
  image: RgbImage,
  width: number,
  height: number,
): Promise<RgbImage> {
  const raw = { width: image.width, height: image.height, channels: image.channels };
  const data = await sharp(image.data, { raw })
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { width, height, channels: 3, data };
}
