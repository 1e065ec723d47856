import { frameSize, type Frame, type FrameSize } from './frame.js';
import type { EyeTemplate } from './network/preprocessing.js';

/** A point in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * From pixels of the frame to pixels of the crop, named as in `ctx.setTransform`:
 * x' = a x + c y + e, y' = b x + d y + f.
 */
export interface CropTransform {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Key points that coincide have no direction or distance: eyes are taken to be this far apart. */
const SMALLEST_EYE_DISTANCE_PX = 1;

/** Angle of the line between the eyes, clockwise as seen; 0 is level. */
export function rollDegrees(leftEye: Point, rightEye: Point): number {
  return (Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x) * 180) / Math.PI;
}

/**
 * By how much of its roll a crop is turned back. Up to the dead band by nothing: key points are noisy
 * by about 2 % of the crop, and turning adds more error than it takes away. From twice the band on by
 * the whole roll, and in between by a part that grows smoothly, so that a head which tilts slowly past
 * the band does not see its crop jump. What is left is never more than the band and a little.
 *
 * @param rollDegrees - the face's roll against the template's
 */
export function turnDegrees(rollDegrees: number, deadBandDegrees: number): number {
  const beyond = Math.abs(rollDegrees) - deadBandDegrees;
  if (beyond <= 0) return 0;
  if (beyond >= deadBandDegrees) return rollDegrees;
  const part = beyond / deadBandDegrees;
  return rollDegrees * part * part * (3 - 2 * part); // smoothstep
}

/**
 * The similarity (rotation, scale, shift) that brings a face to where faces lie in the training
 * images. It scales by the distance of the eyes, puts the middle between them on the template's and
 * rotates as {@link turnDegrees} says.
 *
 * @param leftEye - the eye on the left of the picture (the person's right), in pixels of the frame
 * @param eyes - where the eyes must land, in units of the crop's side
 * @param size - side of the crop in pixels
 */
export function cropTransform(
  leftEye: Point,
  rightEye: Point,
  eyes: EyeTemplate,
  size: number,
  rollDeadBandDegrees: number,
): CropTransform {
  const [left, right] = [eyes.leftEye, eyes.rightEye];
  const templateDistance = size * Math.hypot(right[0] - left[0], right[1] - left[1]);
  const templateRoll = rollDegrees({ x: left[0], y: left[1] }, { x: right[0], y: right[1] });
  const distance = Math.max(
    Math.hypot(rightEye.x - leftEye.x, rightEye.y - leftEye.y),
    SMALLEST_EYE_DISTANCE_PX,
  );
  const roll = rollDegrees(leftEye, rightEye) - templateRoll;
  const radians = (-turnDegrees(roll, rollDeadBandDegrees) * Math.PI) / 180;

  const scale = templateDistance / distance;
  const a = scale * Math.cos(radians);
  const b = scale * Math.sin(radians);
  const middleX = (leftEye.x + rightEye.x) / 2;
  const middleY = (leftEye.y + rightEye.y) / 2;
  return {
    a,
    b,
    c: -b,
    d: a,
    e: (size * (left[0] + right[0])) / 2 - (a * middleX - b * middleY),
    f: (size * (left[1] + right[1])) / 2 - (b * middleX + a * middleY),
  };
}

/** The crop's corners, in pixels of the frame, all lie inside it. */
function liesInside(transform: CropTransform, size: number, { width, height }: FrameSize): boolean {
  const { a, b, e, f } = transform;
  const scale2 = a * a + b * b;
  return [0, size].every((x) =>
    [0, size].every((y) => {
      const frameX = (a * (x - e) + b * (y - f)) / scale2;
      const frameY = (a * (y - f) - b * (x - e)) / scale2;
      return frameX >= 0 && frameX <= width && frameY >= 0 && frameY <= height;
    }),
  );
}

/**
 * Draws the frame around itself, as the trainer does: what lies beyond an edge repeats its last row
 * or column of pixels.
 */
function drawRepeatedEdges(
  context: OffscreenCanvasRenderingContext2D,
  picture: CanvasImageSource,
  { width, height }: FrameSize,
): void {
  const reach = 4 * Math.max(width, height); // a crop whose eyes are in the frame ends before it
  // Start and length in the frame, then in the drawing. The outer ones come first and lie one pixel
  // under the inner one, so that no seam shows where their edges are smoothed.
  const spans = (length: number): [number, number, number, number][] => [
    [0, 1, -reach, reach + 1],
    [length - 1, 1, length - 1, reach + 1],
    [0, length, 0, length],
  ];
  for (const [sourceX, sourceWidth, x, drawnWidth] of spans(width)) {
    for (const [sourceY, sourceHeight, y, drawnHeight] of spans(height)) {
      context.drawImage(
        picture,
        ...([sourceX, sourceY, sourceWidth, sourceHeight] as const),
        ...([x, y, drawnWidth, drawnHeight] as const),
      );
    }
  }
}

/** `drawImage` takes every kind of frame but ImageData. */
function drawable(frame: Frame): CanvasImageSource {
  if (!(frame instanceof ImageData)) return frame;
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  canvas.getContext('2d')!.putImageData(frame, 0, 0);
  return canvas;
}

/** The canvas that face crops are drawn to, and its context. */
export interface CropCanvas {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
}

/**
 * @param size - side in pixels
 * @param options.isReadByCpu - `true` keeps its pixels where `getImageData` is quick
 */
export function createCropCanvas(size: number, options: { isReadByCpu: boolean }): CropCanvas {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext('2d', {
    alpha: false,
    willReadFrequently: options.isReadByCpu,
  })!;
  return { canvas, context };
}

/**
 * Draws a face upright, at the place and size that the network knows, with one transform.
 *
 * @throws {EmotionCamError} `frame-empty`
 */
export function drawFaceCrop(
  frame: Frame,
  transform: CropTransform,
  { canvas, context }: CropCanvas,
): void {
  const size = frameSize(frame);
  const { a, b, c, d, e, f } = transform;
  const shrinks = Math.hypot(a, b) < 1;
  context.setTransform(a, b, c, d, e, f);
  // Bilinear where it grows, as in the trainer; averaged where it shrinks, or fine detail aliases.
  context.imageSmoothingQuality = shrinks ? 'high' : 'low';
  const picture = drawable(frame);
  if (liesInside(transform, canvas.width, size)) {
    context.drawImage(picture, 0, 0, size.width, size.height);
  } else {
    drawRepeatedEdges(context, picture, size);
  }
}
