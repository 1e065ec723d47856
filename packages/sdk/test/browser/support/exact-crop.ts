import type { CropTransform } from '../../../src/face-crop.js';

/**
 * A crop worked out in numbers: each pixel's middle, taken to the frame and interpolated between the
 * four pixels around it. For crops that enlarge and lie inside the frame.
 *
 * @returns RGB, 0..255, [S,S,3]
 */
export function exactCrop(
  frame: OffscreenCanvas,
  { a, b, e, f }: CropTransform,
  size: number,
): Float32Array {
  const { width, height } = frame;
  const { data } = frame.getContext('2d')!.getImageData(0, 0, width, height);
  const scale2 = a * a + b * b;
  const crop = new Float32Array(size * size * 3);
  for (let i = 0; i < crop.length; i++) {
    const channel = i % 3;
    const [x, y] = [(Math.floor(i / 3) % size) + 0.5 - e, Math.floor(i / 3 / size) + 0.5 - f];
    const frameX = (a * x + b * y) / scale2 - 0.5;
    const frameY = (a * y - b * x) / scale2 - 0.5;
    const [left, top] = [Math.floor(frameX), Math.floor(frameY)];
    for (const [column, row] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const weight = (1 - Math.abs(frameX - left - column)) * (1 - Math.abs(frameY - top - row));
      crop[i]! += weight * data[((top + row) * width + left + column) * 4 + channel]!;
    }
  }
  return crop;
}
