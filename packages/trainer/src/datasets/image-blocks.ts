/** V8's typed arrays end at 4 GiB in Node 20; CelebA takes more than twice as much. */
const BLOCK_BYTES = 2 ** 30;

/** Images of equal size one after the other, in blocks of memory that worker threads can share. */
export interface ImageBlocks {
  /** Views of SharedArrayBuffers; all but the last hold `imagesPerBlock` images. */
  readonly blocks: readonly Uint8Array[];
  readonly imageBytes: number;
  readonly imagesPerBlock: number;
}

/**
 * Zeroed memory for images.
 *
 * @param blockBytes - most bytes in a block, if an image is not larger; 1 GiB by default
 */
export function allocateBlocks(
  count: number,
  imageBytes: number,
  blockBytes: number = BLOCK_BYTES,
): ImageBlocks {
  const imagesPerBlock = Math.max(1, Math.floor(blockBytes / imageBytes));
  const blocks: Uint8Array[] = [];
  for (let from = 0; from < count; from += imagesPerBlock) {
    const images = Math.min(imagesPerBlock, count - from);
    blocks.push(new Uint8Array(new SharedArrayBuffer(images * imageBytes)));
  }
  return { blocks, imageBytes, imagesPerBlock };
}

/** The bytes of one image; a view, not a copy. */
export function imageAt(
  { blocks, imageBytes, imagesPerBlock }: ImageBlocks,
  index: number,
): Uint8Array {
  const from = (index % imagesPerBlock) * imageBytes;
  return blocks[Math.floor(index / imagesPerBlock)]!.subarray(from, from + imageBytes);
}
