import { TrainerError } from '../errors.js';
import {
  croppedSize,
  decodeAtSize,
  nameOfSource,
  sizeOfImage,
  type ImageSize,
  type RgbImage,
} from '../image.js';
import { concurrentMap } from './concurrent-map.js';
import type { Sample } from './dataset.js';
import { allocateBlocks, imageAt, type ImageBlocks } from './image-blocks.js';

/** Longest side of a stored image; a canonical face in it is larger than the network's input. */
const LONGEST_SIDE = 256;

/** An image that was skipped. */
export interface UnreadableImage {
  /** Where it is, for people. */
  readonly path: string;
  readonly reason: string;
}

/** How many images of a split have one size. */
export interface SizeCount extends ImageSize {
  readonly count: number;
}

/** What can be said of images once they were decoded. */
export interface DecodingFacts {
  /** What was skipped; to be reported at the end of a run. */
  readonly unreadable: readonly UnreadableImage[];
  /** Sizes of the files, before cropping, the most frequent first. */
  readonly sizes: readonly SizeCount[];
}

/** Decoded images of one size in memory that worker threads can share. */
export interface DecodedImages extends DecodingFacts {
  /** RGB, 0..255, [height,width,3] each; the first are those of `kept`. */
  readonly pixels: ImageBlocks;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  /** The samples whose images are in `pixels`, in its order, which is that of the input. */
  readonly kept: readonly Sample[];
}

export interface DecodeOptions {
  /** Images decoded at the same time; 8 by default. */
  readonly concurrency?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Decodes all images into shared memory. All get the most frequent size of what their crops
 * leave, at most 256 pixels a side, and are stretched to it. Only the images in progress are held
 * outside of it. Images that cannot be decoded are skipped and listed.
 *
 * @throws {TrainerError} `dataset-empty` if no image could be decoded
 */
export async function decodeAll(
  samples: readonly Sample[],
  options: DecodeOptions = {},
): Promise<DecodedImages> {
  let memory: ImageBlocks | undefined;
  const { isDecoded, size, ...facts } = await decodeEach(samples, options, (row, { data }) => {
    memory ??= allocateBlocks(samples.length, data.length);
    imageAt(memory, row).set(data);
  });
  const pixels = memory!; // at least one image was decoded
  let row = 0;
  isDecoded.forEach((decoded, i) => {
    if (!decoded) return;
    if (row < i) imageAt(pixels, row).set(imageAt(pixels, i));
    row += 1;
  });
  const kept = samples.filter((_, i) => isDecoded[i]);
  return { pixels, ...size, channels: 3, kept, ...facts };
}

/**
 * Decodes all images as {@link decodeAll} does and keeps none: for sets larger than the memory.
 *
 * @throws {TrainerError} `dataset-empty` if no image could be decoded
 */
export async function checkAll(
  samples: readonly Sample[],
  options: DecodeOptions = {},
): Promise<DecodingFacts> {
  const { unreadable, sizes } = await decodeEach(samples, options, () => undefined);
  return { unreadable, sizes };
}

/** Calls `take` with each image, all of one size, in the order in which they get ready. */
async function decodeEach(
  samples: readonly Sample[],
  { concurrency = 8, onProgress }: DecodeOptions,
  take: (index: number, image: RgbImage) => void,
): Promise<DecodingFacts & { readonly isDecoded: readonly boolean[]; readonly size: ImageSize }> {
  const unreadable: UnreadableImage[] = [];
  const skip = ({ source }: Sample, error: unknown): undefined => {
    const reason = error instanceof Error ? error.message : String(error);
    unreadable.push({ path: nameOfSource(source), reason });
  };
  const headers = await concurrentMap(samples, concurrency, (sample) =>
    sizeOfImage(sample.source).catch((error: unknown) => skip(sample, error)),
  );
  const [frequent] = countSizes(
    headers.map((size, i) => size && croppedSize(size, samples[i]?.crop)),
  );
  if (!frequent) throw nothingDecoded(samples, unreadable);
  const size = limited(frequent);
  let done = 0;
  const isDecoded = await concurrentMap(samples, concurrency, async (sample, index) => {
    try {
      if (!headers[index]) return false;
      take(index, await decodeAtSize(sample.source, sample.crop, size));
      return true;
    } catch (error) {
      skip(sample, error);
      return false;
    } finally {
      onProgress?.(++done, samples.length);
    }
  });
  if (!isDecoded.includes(true)) throw nothingDecoded(samples, unreadable);
  unreadable.sort((a, b) => (a.path < b.path ? -1 : 1)); // not in the order of the race
  return { isDecoded, size, unreadable, sizes: countSizes(headers) };
}

/** The most frequent size first; of equally frequent ones the largest. */
function countSizes(sizes: readonly (ImageSize | undefined)[]): SizeCount[] {
  const counts = new Map<string, SizeCount>();
  for (const size of sizes) {
    if (!size) continue;
    const { width, height } = size;
    const key = `${width}x${height}`;
    counts.set(key, { width, height, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort(
    (a, b) => b.count - a.count || b.width * b.height - a.width * a.height,
  );
}

/** The size with its longest side limited, in the same proportion. */
function limited({ width, height }: ImageSize): ImageSize {
  const factor = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const shorter = (length: number): number => Math.max(1, Math.round(length * factor));
  return { width: shorter(width), height: shorter(height) };
}

function nothingDecoded(
  samples: readonly Sample[],
  unreadable: readonly UnreadableImage[],
): TrainerError {
  return new TrainerError(
    'dataset-empty',
    `None of ${samples.length} images could be decoded. ` +
      `The first: ${unreadable[0]?.reason ?? 'there is none'}`,
  );
}
