import { TrainerError } from '../errors.js';
import { decodeImage, resizeImage, type RgbImage } from '../image.js';
import { concurrentMap } from './concurrent-map.js';
import type { Sample } from './dataset.js';

/** An image that was skipped. */
export interface UnreadableImage {
  readonly path: string;
  readonly reason: string;
}

/** Decoded images of one size in memory that worker threads can share. */
export interface DecodedImages {
  /** RGB, 0..255, [kept.length,height,width,3]. */
  readonly pixels: SharedArrayBuffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  /** The samples whose images are in `pixels`, in its order, which is that of the input. */
  readonly kept: readonly Sample[];
  /** What was skipped; to be reported at the end of a run. */
  readonly unreadable: readonly UnreadableImage[];
}

export interface DecodeOptions {
  /** Images decoded at the same time; 8 by default. */
  readonly concurrency?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Decodes all images into one shared block. Images that cannot be decoded are skipped and listed;
 * images of another size than the most common one are stretched to it.
 *
 * @throws {TrainerError} `dataset-empty` if no image could be decoded
 */
export async function decodeAll(
  samples: readonly Sample[],
  { concurrency = 8, onProgress }: DecodeOptions = {},
): Promise<DecodedImages> {
  const unreadable: UnreadableImage[] = [];
  let done = 0;
  const images = await concurrentMap(samples, concurrency, async ({ path }) => {
    try {
      return await decodeImage(path);
    } catch (error) {
      unreadable.push({ path, reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    } finally {
      onProgress?.(++done, samples.length);
    }
  });
  const kept = samples.filter((_, i) => images[i]);
  const size = mostCommonSize(images);
  if (!size) {
    throw new TrainerError(
      'dataset-empty',
      `None of ${samples.length} images could be decoded. ` +
        `The first: ${unreadable[0]?.reason ?? 'there is none'}`,
    );
  }

  const { width, height } = size;
  const bytes = width * height * 3;
  const pixels = new SharedArrayBuffer(kept.length * bytes);
  const all = new Uint8Array(pixels);
  let row = 0;
  for (const [i, image] of images.entries()) {
    if (!image) continue;
    const fits = image.width === width && image.height === height;
    const fitted = fits ? image : await resizeImage(image, width, height);
    all.set(fitted.data, row++ * bytes);
    images[i] = undefined; // each image is held twice no longer than needed
  }
  unreadable.sort((a, b) => (a.path < b.path ? -1 : 1)); // not in the order of the race
  return { pixels, width, height, channels: 3, kept, unreadable };
}

function mostCommonSize(
  images: readonly (RgbImage | undefined)[],
): { width: number; height: number } | undefined {
  const counts = new Map<string, { width: number; height: number; count: number }>();
  for (const image of images) {
    if (!image) continue;
    const { width, height } = image;
    const key = `${width}x${height}`;
    const entry = counts.get(key) ?? { width, height, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0];
}
