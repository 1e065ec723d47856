import { drawn } from './pictures.js';
import type { Random } from './seeded.js';

const VALUES: readonly unknown[] = [
  ...[undefined, null, true, 0, -1, 0.5, 1e9, NaN, Infinity, 10n, Symbol('wrong')],
  ...['', '0.5', 'face', 'http://[', {}, [], [0.5], Object.create(null) as object, () => 1],
  ...[new Date(NaN), new Blob(), { width: 64, height: 64 }, { signal: 1 }, { model: Symbol('x') }],
];

/** What a program without types may pass in place of anything. */
export function wrongValue(random: Random): unknown {
  return random.pick(VALUES);
}

const SIDES = [0, 1, 2, 3, 17, 64, 641, 4096, 8192];
const LARGEST_AREA = 8192 * 641;

/** Frames of all kinds that are empty, closed, broken, of odd sizes, or only without a face; or promises of them. */
export function wrongFrame(random: Random): unknown {
  const side = (): number => random.pick(SIDES);
  const size = { width: side(), height: side() };
  if (size.width * size.height > LARGEST_AREA) size.height = 64; // 8192 x 8192 takes 256 MB
  const { width, height } = size;
  const [least1, least2] = [Math.max(1, width), Math.max(1, height)];
  const picture = drawn(least1, least2);
  const kinds: readonly (() => unknown)[] = [
    () => new OffscreenCanvas(width, height),
    () => Object.assign(document.createElement('canvas'), size),
    () => new ImageData(least1, least2),
    () => createImageBitmap(picture),
    () => new VideoFrame(picture, { timestamp: 0 }),
    async () => {
      const bitmap = await createImageBitmap(picture);
      bitmap.close();
      return bitmap;
    },
    () => {
      const frame = new VideoFrame(picture, { timestamp: 0 });
      frame.close();
      return frame;
    },
    () => {
      const pixels = new ImageData(2, 2);
      structuredClone(pixels.data, { transfer: [pixels.data.buffer] });
      return pixels;
    },
    () => new Image(),
    async () => {
      const image = Object.assign(new Image(), { src: 'data:image/png;base64,AAAA' });
      await image.decode().catch(() => undefined);
      return image;
    },
    () => document.createElement('video'),
    () => document.createElement('div'),
    () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
      canvas.transferControlToOffscreen();
      return canvas;
    },
  ];
  return random.pick(kinds)();
}
