import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL_STD } from 'emotion-cam/network';
import { arenaLayout } from '../../src/arena.js';
import { mixBatch, type Mixing } from '../../src/mixing.js';
import { deviceLayout } from '../../src/webgpu/device-layout.js';
import { PICTURE_BYTES, pictureList, type Picture } from '../../src/webgpu/picture-list.js';
import { PlanBuilder, type Value } from '../../src/webgpu/plan-builder.js';
import { planRendering } from '../../src/webgpu/plan-rendering.js';
import { SETTINGS_BYTES, settingsBytes } from '../../src/webgpu/settings.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { runDispatches } from './support/run.js';
import { PLANNED_CONFIG, randomPictures, rendered } from './support/training.js';

const SIZE = 21;
const BORDER = 3;

describe('rendering on the graphics card', SLOW_COMPILER, () => {
  let device: GPUDevice;

  beforeAll(async () => {
    device = await openDevice();
  });

  afterAll(() => {
    device.destroy();
  });

  /** Images without their border and their fourth channel, [N,S,S,3]; the rest must be 0. */
  async function render(
    pictures: readonly Picture[],
    options: { mixing?: Mixing; isBlurred?: boolean } = {},
  ): Promise<Float32Array> {
    const { mixing = null, isBlurred = false } = options;
    const layout = arenaLayout(PLANNED_CONFIG.network);
    const plan = new PlanBuilder(pictures.length, layout, deviceLayout(layout));
    const length = pictures.reduce((sum, { source }) => sum + source.data.length, 0);
    const bytes = { label: 'bytes', bytes: Math.ceil(length / 4) * 4 };
    const list = { label: 'pictures', bytes: pictures.length * PICTURE_BYTES };
    const settings = { label: 'settings', bytes: SETTINGS_BYTES };
    const side = SIZE + 2 * BORDER;
    const images = plan.vectors('images', pictures.length * side ** 2);
    const inputs = { bytes, pictures: list, settings };
    planRendering(plan, inputs, images, { imageSize: SIZE, border: BORDER, isBlurred });
    const contents = new Uint8Array(bytes.bytes);
    const numbers = { learningRate: 0, correction1: 1, correction2: 1, averageDecay: 0, row: 0 };
    const [values] = await runDispatches(
      device,
      plan.dispatches,
      new Map<Value, ArrayBuffer | Uint8Array<ArrayBuffer>>([
        [list, pictureList(pictures, SIZE, contents)],
        [bytes, contents],
        [settings, settingsBytes({ ...numbers, mixing }, SIZE)],
      ]),
      [images],
    );
    const out: number[] = [];
    values!.forEach((value, at) => {
      const pixel = Math.floor(at / 4);
      const row = (Math.floor(pixel / side) % side) - BORDER;
      const column = (pixel % side) - BORDER;
      const isInside = row >= 0 && row < SIZE && column >= 0 && column < SIZE;
      if (isInside && at % 4 < 3) out.push(value);
      else expect(value).toBe(0);
    });
    return Float32Array.from(out);
  }

  /** The largest difference of two images, in grey levels of 0..255. */
  function levels(actual: Float32Array, expected: Float32Array): number {
    expect(actual.length).toBe(expected.length);
    return actual.reduce(
      (most, value, i) =>
        Math.max(most, Math.abs(value - expected[i]!) * 255 * CHANNEL_STD[i % 3]!),
      0,
    );
  }

  it('gives the pixels of the other back ends: flipped, turned, scaled, shifted, in other colours', async () => {
    const pictures = randomPictures(3);
    expect(levels(await render(pictures), rendered(pictures, SIZE))).toBeLessThan(0.02);
  });

  it('blurs those images that are to be blurred', async () => {
    const pictures = randomPictures(4).map((picture, index) => ({
      ...picture,
      parameters: picture.parameters && { ...picture.parameters, blur: index === 1 ? 0.05 : 0 },
    }));
    const blurred = await render(pictures, { isBlurred: true });
    expect(levels(blurred, rendered(pictures, SIZE))).toBeLessThan(0.02);
    const sharp = pictures.map((one) => ({ ...one, parameters: { ...one.parameters!, blur: 0 } }));
    expect(levels(blurred, rendered(sharp, SIZE))).toBeGreaterThan(10);
  });

  it.each<Mixing>([
    { kind: 'mix-up', lambda: 0.3 },
    { kind: 'cut-mix', box: { left: 0.1, top: 0.4, right: 0.63, bottom: 1 } },
  ])('mixes each image with the next: $kind', async (mixing) => {
    const pictures = randomPictures(5);
    const expected = rendered(pictures, SIZE);
    mixBatch(expected, new Float32Array(4 * 7), 4, mixing);
    expect(levels(await render(pictures, { mixing }), expected)).toBeLessThan(0.02);
  });

  it('fills an erased rectangle with noise of mean 0 and deviation 1, another for another seed', async () => {
    const erase = { x: 0.2, y: 0.1, width: 0.6, height: 0.8, seed: 4_000_000_000 };
    const erased = (seed: number): Picture[] =>
      randomPictures(6).map((picture, index) => ({
        ...picture,
        parameters: {
          ...randomPictures(6)[1]!.parameters!,
          erase: { ...erase, seed: seed + index },
        },
      }));
    const [left, top, right, bottom] = [4, 2, 17, 19]; // rounded: 0.2, 0.1, 0.8 and 0.9 of 21 pixels
    const isErased = (i: number): boolean => {
      const [row, column] = [Math.floor(i / 3 / SIZE) % SIZE, Math.floor(i / 3) % SIZE];
      return row >= top && row < bottom && column >= left && column < right;
    };
    const [first, second] = [await render(erased(1)), await render(erased(erase.seed))];
    const noise = first.filter((_, i) => isErased(i));
    const mean = noise.reduce((a, b) => a + b) / noise.length;
    const variance = noise.reduce((sum, v) => sum + (v - mean) ** 2, 0) / noise.length;
    expect(noise.length).toBe(4 * 3 * 13 * 17);
    expect(Math.abs(mean)).toBeLessThan(0.06); // three standard errors
    expect(Math.abs(variance - 1)).toBeLessThan(0.06);
    expect(noise.every((value) => Math.abs(value) <= Math.sqrt(3) + 1e-6)).toBe(true);
    const same = first.filter((value, i) => value === second[i]);
    expect(same.length).toBe(first.length - noise.length);
    const outside = (values: Float32Array): Float32Array => values.filter((_, i) => !isErased(i));
    expect(levels(outside(first), outside(rendered(erased(1), SIZE)))).toBeLessThan(0.02);
  });
});
