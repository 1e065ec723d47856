import { expect } from 'chai';
import { createCropCanvas, cropTransform, drawFaceCrop, type Point } from '../../src/face-crop.js';
import type { Frame } from '../../src/frame.js';
import { CANONICAL_EYES } from '../../src/network/preprocessing.js';
import { failureOf } from '../support/failure.js';
import { drawnVideo } from './support/drawn-video.js';
import { drawn } from './support/pictures.js';

const SIZE = 224;
const DEAD_BAND = 8;

/** The crop of a frame with eyes at two points, as RGBA. */
function crop(frame: Frame, left: Point, right: Point, isReadByCpu = true): Uint8ClampedArray {
  const target = createCropCanvas(SIZE, { isReadByCpu });
  target.context.fillStyle = 'magenta'; // must not shine through anywhere
  target.context.fillRect(0, 0, SIZE, SIZE);
  drawFaceCrop(frame, cropTransform(left, right, CANONICAL_EYES, SIZE, DEAD_BAND), target);
  return target.context.getImageData(0, 0, SIZE, SIZE).data;
}

function pixel(data: Uint8ClampedArray, x: number, y: number): number[] {
  return [...data.subarray((y * SIZE + x) * 4, (y * SIZE + x) * 4 + 3)];
}

/** Centre of everything of one colour channel, in pixels. */
function centroid(data: Uint8ClampedArray, channel: number): Point {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const value = data[(y * SIZE + x) * 4 + channel]!;
      sum += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  }
  return { x: sumX / sum, y: sumY / sum };
}

function eyesAt(x: number, y: number, distance: number, roll: number): [Point, Point] {
  const dx = (Math.cos((roll * Math.PI) / 180) * distance) / 2;
  const dy = (Math.sin((roll * Math.PI) / 180) * distance) / 2;
  return [
    { x: x - dx, y: y - dy },
    { x: x + dx, y: y + dy },
  ];
}

/** A red mark on the left eye, a green one on the right, on black. */
function marked(left: Point, right: Point, radius: number): OffscreenCanvas {
  return drawn(1280, 720, (context) => {
    context.fillRect(0, 0, 1280, 720);
    for (const [eye, colour] of [
      [left, '#f00'],
      [right, '#0f0'],
    ] as const) {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(eye.x, eye.y, radius, 0, 2 * Math.PI);
      context.fill();
    }
  });
}

describe('drawFaceCrop', () => {
  for (const [distance, roll] of [
    [30, 0],
    [98, 0],
    [280, 0],
    [60, 25],
    [200, -40],
    [100, 95],
  ] as const) {
    it(`puts eyes ${distance} px apart at ${roll}° within a pixel of the template`, () => {
      const [left, right] = eyesAt(640, 330, distance, roll);
      const data = crop(marked(left, right, distance / 8), left, right);
      const [redEye, greenEye] = [centroid(data, 0), centroid(data, 1)];
      expect(redEye.x).to.be.closeTo(0.28 * SIZE, 1);
      expect(redEye.y).to.be.closeTo(0.34 * SIZE, 1);
      expect(greenEye.x).to.be.closeTo(0.72 * SIZE, 1);
      expect(greenEye.y).to.be.closeTo(0.34 * SIZE, 1);
    });
  }

  for (const isReadByCpu of [true, false]) {
    it(`averages what it shrinks (canvas ${isReadByCpu ? 'in memory' : 'on the graphics card'})`, () => {
      const board = drawn(1100, 1100, (context) => {
        const image = context.createImageData(1100, 1100);
        for (let i = 0; i < image.data.length / 4; i++) {
          const isWhite = (i + Math.floor(i / 1100)) % 2 === 0;
          image.data.set(isWhite ? [255, 255, 255, 255] : [0, 0, 0, 255], i * 4);
        }
        context.putImageData(image, 0, 0);
      });
      const [left, right] = eyesAt(550, 400, 420, 12); // 955 px of the board become 224
      const red = crop(board, left, right, isReadByCpu).filter((_, i) => i % 4 === 0);
      const spread = Math.max(...red) - Math.min(...red);
      expect(spread).to.be.below(60); // sampled without averaging: 255
    });
  }

  it('repeats the edge of the frame around it, without a seam', () => {
    const picture = drawn(200, 200, (context) => {
      context.fillStyle = 'rgb(20, 60, 200)';
      context.fillRect(0, 0, 200, 200);
    });
    for (const [x, y] of [
      [10, 10],
      [190, 10],
      [10, 190],
      [190, 190],
    ] as const) {
      for (const roll of [0, 30]) {
        const [left, right] = eyesAt(x, y, 60, roll);
        const data = crop(picture, left, right);
        for (let i = 0; i < data.length; i += 4) {
          const isBlue =
            Math.abs(data[i]! - 20) < 4 &&
            Math.abs(data[i + 1]! - 60) < 4 &&
            Math.abs(data[i + 2]! - 200) < 4;
          if (!isBlue) {
            const at = i / 4;
            expect.fail(`${data.slice(i, i + 3).join()} at ${at % SIZE}, ${Math.floor(at / SIZE)}`);
          }
        }
      }
    }
  });

  it('takes every kind of frame', async () => {
    const paint = (context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D): void => {
      context.fillStyle = 'rgb(200, 40, 40)';
      context.fillRect(0, 0, 160, 60);
      context.fillStyle = 'rgb(40, 40, 200)';
      context.fillRect(0, 60, 160, 60);
    };
    const offscreen = drawn(160, 120, paint);
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
    paint(canvas.getContext('2d')!);
    const image = new Image();
    image.src = canvas.toDataURL();
    await image.decode();
    const bitmap = await createImageBitmap(offscreen);
    const videoFrame = new VideoFrame(offscreen, { timestamp: 0 });
    const source = await drawnVideo({ draw: paint });
    await source.shown(2);
    const imageData = offscreen.getContext('2d')!.getImageData(0, 0, 160, 120);
    const frames: Frame[] = [offscreen, canvas, image, bitmap, videoFrame, source.video, imageData];
    for (const frame of frames) {
      const data = crop(frame, { x: 70, y: 54 }, { x: 90, y: 54 });
      const [above, below] = [pixel(data, 112, 40), pixel(data, 112, 190)];
      const name = frame.constructor.name;
      [200, 40, 40].forEach((value, i) => expect(above[i], name).to.be.closeTo(value, 12));
      [40, 40, 200].forEach((value, i) => expect(below[i], name).to.be.closeTo(value, 12));
    }
    videoFrame.close();
    source.dispose();
  });

  it('refuses frames without a picture', async () => {
    const closedBitmap = await createImageBitmap(drawn(4, 4));
    closedBitmap.close();
    const closedFrame = new VideoFrame(drawn(4, 4), { timestamp: 0 });
    closedFrame.close();
    const empty: Frame[] = [
      new Image(),
      document.createElement('video'),
      Object.assign(document.createElement('canvas'), { width: 0 }),
      closedBitmap,
      closedFrame,
    ];
    for (const frame of empty) {
      const error = failureOf(() => crop(frame, { x: 1, y: 1 }, { x: 2, y: 1 }));
      expect(error.code).to.equal('frame-empty');
      expect(error.message).to.contain(frame.constructor.name);
    }
  });
});
