import { describe, expect, it } from 'vitest';
import { allocateBlocks, imageAt } from '../../src/datasets/image-blocks.js';

describe('image blocks', () => {
  it('hold every image apart from the others, wherever the blocks end', () => {
    const images = allocateBlocks(5, 3, 7); // two images in 7 bytes
    expect(images.blocks.map(({ length }) => length)).toEqual([6, 6, 3]);
    for (let i = 0; i < 5; i++) imageAt(images, i).set([i, i + 10, i + 20]);
    expect(images.blocks.flatMap((block) => [...block])).toEqual(
      [0, 1, 2, 3, 4].flatMap((i) => [i, i + 10, i + 20]),
    );
    expect([...imageAt(images, 3)]).toEqual([3, 13, 23]);
  });

  it('can be shared, and an image larger than a block has one of its own', () => {
    const { blocks } = allocateBlocks(2, 10, 7);
    expect(blocks.map(({ length }) => length)).toEqual([10, 10]);
    for (const { buffer } of blocks) expect(buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});
