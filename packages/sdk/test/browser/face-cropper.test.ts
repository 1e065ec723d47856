import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { graphicsDevice, startBackend } from '../../src/backend.js';
import { createCropCanvas, cropTransform, drawFaceCrop, type Point } from '../../src/face-crop.js';
import type { Frame } from '../../src/frame.js';
import { CANONICAL_EYES } from '../../src/network/preprocessing.js';
import { FaceCropper } from '../../src/webgpu/face-cropper.js';
import { rejectionOf } from '../support/failure.js';
import { astronaut, drawn, placed } from './support/pictures.js';

const SIZE = 224;

/** Where the eyes of the astronaut are, in pixels. */
const EYES: readonly [Point, Point] = [
  { x: 205, y: 112 },
  { x: 247, y: 115 },
];

describe('FaceCropper', () => {
  let device: GPUDevice;
  let pixels: GPUBuffer;
  let cropper: FaceCropper;
  let portrait: ImageBitmap;

  before(async () => {
    await startBackend({ backend: 'webgpu', tfjsWasm: assetUrls().tfjsWasm });
    device = graphicsDevice();
    pixels = device.createBuffer({
      size: SIZE * SIZE * 3 * 4,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    cropper = await FaceCropper.create(device, { size: SIZE, pixels });
    portrait = await astronaut();
  });

  after(() => {
    cropper.dispose();
    pixels.destroy();
  });

  const transformOf = ([left, right]: readonly [Point, Point]): ReturnType<typeof cropTransform> =>
    cropTransform(left, right, CANONICAL_EYES, SIZE, 6);

  /** The crop that the graphics card makes, RGB. */
  async function cut(frame: Frame, eyes: readonly [Point, Point]): Promise<Float32Array> {
    const copy = device.createBuffer({
      size: pixels.size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const record = cropper.cut(frame, transformOf(eyes));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass);
    pass.end();
    encoder.copyBufferToBuffer(pixels, 0, copy, 0, pixels.size);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(copy.getMappedRange().slice(0));
    copy.destroy();
    return values;
  }

  /** The crop that the canvas makes, RGB. */
  function draw(frame: Frame, eyes: readonly [Point, Point]): Float32Array {
    const target = createCropCanvas(SIZE, { isReadByCpu: true });
    drawFaceCrop(frame, transformOf(eyes), target);
    const { data } = target.context.getImageData(0, 0, SIZE, SIZE);
    return Float32Array.from(data).filter((_, i) => i % 4 !== 3);
  }

  /** Mean and largest difference, in steps of 0..255. */
  function difference(a: Float32Array, b: Float32Array): { mean: number; largest: number } {
    const differences = Array.from(a, (value, i) => Math.abs(value - b[i]!));
    const mean = differences.reduce((sum, one) => sum + one) / a.length;
    return { mean, largest: differences.reduce((most, one) => Math.max(most, one)) };
  }

  /** The portrait somewhere in a larger frame, and where its eyes are then. */
  function staged(
    place: Parameters<typeof placed>[2],
    size = { width: 1920, height: 1080 },
  ): [OffscreenCanvas, readonly [Point, Point]] {
    const { x, y, scale, tilt = 0 } = place;
    const matrix = new DOMMatrix().translate(x, y).rotate(tilt).scale(scale);
    const eyes = EYES.map((eye) => matrix.transformPoint(eye));
    return [placed(portrait, size, place), [eyes[0]!, eyes[1]!]];
  }

  for (const [name, place] of [
    ['enlarges 2.3 times', { x: 300, y: 300, scale: 1 }],
    ['enlarges 5 times and turns', { x: 300, y: 300, scale: 0.45, tilt: 25 }],
    ['shrinks to 0.8', { x: -200, y: -100, scale: 3 }],
    ['shrinks to a half and turns', { x: -400, y: 300, scale: 4.7, tilt: -30 }],
    ['shrinks to 0.3', { x: -1000, y: -500, scale: 8 }],
  ] as const) {
    // Canvases interpolate in steps of a sixteenth of a pixel, and shrink by halves: at sharp edges
    // single pixels differ by that, the mean hardly.
    it(`gives the pixels of the canvas where it ${name}`, async () => {
      const [frame, eyes] = staged(place);
      const { mean, largest } = difference(await cut(frame, eyes), draw(frame, eyes));
      expect(mean).to.be.below(1);
      expect(largest).to.be.below(20);
    });
  }

  for (const [name, place] of [
    ['left and upper', { x: -200, y: -100, scale: 1 }],
    ['right and lower', { x: 1660, y: 930, scale: 1, tilt: 10 }],
  ] as const) {
    // Canvases smear the edges that they repeat by a part of a pixel.
    it(`nearly gives the pixels of the canvas beyond the ${name} edge`, async () => {
      const [frame, eyes] = staged(place);
      expect(difference(await cut(frame, eyes), draw(frame, eyes)).mean).to.be.below(3);
    });
  }

  it('shows a shift by half a pixel, so that the test above is sharp', async () => {
    const [frame, [left, right]] = staged({ x: 300, y: 300, scale: 1 });
    const shifted = [left, right].map(({ x, y }) => ({ x: x + 0.5, y }));
    const { mean } = difference(
      await cut(frame, [shifted[0]!, shifted[1]!]),
      draw(frame, [left, right]),
    );
    expect(mean).to.be.above(1.5);
  });

  it('takes every kind of frame', async () => {
    const [canvas, eyes] = staged({ x: 20, y: 10, scale: 0.5 }, { width: 320, height: 240 });
    const element = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    element.getContext('2d')!.drawImage(canvas, 0, 0);
    const image = new Image();
    image.src = element.toDataURL();
    await image.decode();
    const videoFrame = new VideoFrame(canvas, { timestamp: 0 });
    const imageData = canvas.getContext('2d')!.getImageData(0, 0, 320, 240);
    const frames = [canvas, element, image, await createImageBitmap(canvas), videoFrame, imageData];
    const expected = draw(canvas, eyes);
    for (const frame of frames) {
      const { mean } = difference(await cut(frame, eyes), expected);
      expect(mean, frame.constructor.name).to.be.below(1);
    }
    videoFrame.close();
  });

  it('has black where a picture is transparent, as the canvas has', async () => {
    const frame = drawn(64, 64, (context) => {
      context.fillStyle = 'rgb(255 255 255 / 50%)';
      context.fillRect(0, 0, 64, 64);
    });
    const eyes = [
      { x: 22, y: 26 },
      { x: 42, y: 26 },
    ] as const;
    for (const one of [frame, frame.getContext('2d')!.getImageData(0, 0, 64, 64)]) {
      expect((await cut(one, eyes))[0]).to.be.closeTo(128, 1);
    }
  });

  it('repeats the edge for a crop that lies outside of the frame', async () => {
    const frame = drawn(64, 64, (context) => {
      context.fillStyle = 'rgb(20 60 200)';
      context.fillRect(0, 0, 64, 64);
    });
    for (const x of [-400, 400]) {
      const values = await cut(frame, [
        { x, y: x },
        { x: x + 20, y: x },
      ]);
      expect([...values.subarray(0, 3)].map(Math.round)).to.deep.equal([20, 60, 200]);
    }
  });

  it('refuses a frame without a picture', async () => {
    const closed = new VideoFrame(drawn(8, 8), { timestamp: 0 });
    closed.close();
    const error = await rejectionOf(cut(closed, EYES));
    expect(error.code).to.equal('frame-empty');
  });
});
