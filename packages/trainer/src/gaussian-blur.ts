/**
 * Blurs an image in place with a Gaussian, cut at three standard deviations; its edge is repeated.
 * Separable: first along the rows, then along the columns.
 *
 * @param pixels - RGB values, [size,size,3], from `offset` on
 * @param size - side in pixels
 * @param deviation - standard deviation in pixels, above 0
 */
export function gaussianBlur(
  pixels: Float32Array,
  offset: number,
  size: number,
  deviation: number,
): void {
  const kernel = gaussian(deviation);
  const image = pixels.subarray(offset, offset + size * size * 3);
  for (let row = 0; row < size; row++) blurLine(image, row * size * 3, 3, size, kernel);
  for (let column = 0; column < size; column++) blurLine(image, column * 3, size * 3, size, kernel);
}

/** One half of a Gaussian that sums to 1, its middle first. */
function gaussian(deviation: number): Float32Array {
  const radius = Math.max(1, Math.ceil(3 * deviation));
  const half = Float32Array.from({ length: radius + 1 }, (_, i) =>
    Math.exp(-(i * i) / (2 * deviation * deviation)),
  );
  const sum = half.reduce((total, value, i) => total + (i === 0 ? value : 2 * value), 0);
  return half.map((value) => value / sum);
}

/** Blurs the `size` pixels that begin at `first` and lie `step` values apart. */
function blurLine(
  image: Float32Array,
  first: number,
  step: number,
  size: number,
  kernel: Float32Array,
): void {
  const radius = kernel.length - 1;
  const line = new Float32Array(size + 2 * radius); // the pixels with their edges repeated
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < line.length; i++) {
      const pixel = Math.min(size - 1, Math.max(0, i - radius));
      line[i] = image[first + pixel * step + channel]!;
    }
    for (let i = 0; i < size; i++) {
      let sum = kernel[0]! * line[i + radius]!;
      for (let k = 1; k <= radius; k++) {
        sum += kernel[k]! * (line[i + radius - k]! + line[i + radius + k]!);
      }
      image[first + i * step + channel] = sum;
    }
  }
}
