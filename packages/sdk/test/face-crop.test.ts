import { describe, expect, it } from 'vitest';
import {
  cropTransform,
  rollDegrees,
  turnDegrees,
  type CropTransform,
  type Point,
} from '../src/face-crop.js';
import { CANONICAL_EYES } from '../src/network/preprocessing.js';

const SIZE = 224;
const DEAD_BAND = 8;

function toCrop({ x, y }: Point, { a, b, c, d, e, f }: CropTransform): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** Eyes `distance` apart around a middle, the face tilted clockwise as seen. */
function eyesAt(middle: Point, distance: number, roll: number): [Point, Point] {
  const dx = (Math.cos((roll * Math.PI) / 180) * distance) / 2;
  const dy = (Math.sin((roll * Math.PI) / 180) * distance) / 2;
  return [
    { x: middle.x - dx, y: middle.y - dy },
    { x: middle.x + dx, y: middle.y + dy },
  ];
}

function expectPoint(got: Point, x: number, y: number): void {
  expect(got.x).toBeCloseTo(x, 6);
  expect(got.y).toBeCloseTo(y, 6);
}

describe('rollDegrees', () => {
  it('is clockwise as seen: positive where the right eye is lower', () => {
    expect(rollDegrees({ x: 0, y: 0 }, { x: 10, y: 10 })).toBeCloseTo(45);
    expect(rollDegrees({ x: 0, y: 0 }, { x: 10, y: 0 })).toBe(0);
    expect(rollDegrees({ x: 0, y: 10 }, { x: 10, y: 0 })).toBeCloseTo(-45);
  });
});

describe('turnDegrees', () => {
  it('is nothing inside the dead band and the whole roll from twice the band on', () => {
    expect([0, 5.9, -6].map((roll) => turnDegrees(roll, 6))).toEqual([0, 0, 0]);
    expect([12, -12.5, 180].map((roll) => turnDegrees(roll, 6))).toEqual([12, -12.5, 180]);
    expect(turnDegrees(9, 6)).toBeCloseTo(4.5, 9); // half of it half way
  });

  it('never jumps: a hundredth of a degree more turns the crop by less than a thirtieth', () => {
    for (let roll = -20; roll <= 20; roll += 0.01) {
      expect(Math.abs(turnDegrees(roll + 0.01, 6) - turnDegrees(roll, 6))).toBeLessThan(0.033);
    }
  });

  it('leaves at most a little more than the dead band', () => {
    for (let roll = 0; roll <= 40; roll += 0.1) {
      expect(Math.abs(roll - turnDegrees(roll, 6))).toBeLessThan(6.5);
    }
  });

  it('is the whole roll where there is no dead band', () => {
    expect(turnDegrees(0.1, 0)).toBe(0.1);
    expect(turnDegrees(0, 0)).toBe(0);
  });
});

describe('cropTransform', () => {
  it('leaves a face alone that is where it should be', () => {
    // 0.28, 0.34 and 0.72 of 100 pixels
    const transform = cropTransform({ x: 28, y: 34 }, { x: 72, y: 34 }, CANONICAL_EYES, 100, 8);
    expectPoint(toCrop({ x: 50, y: 80 }, transform), 50, 80);
  });

  it('makes the crop 2.27 eye distances wide', () => {
    const [left, right] = eyesAt({ x: 300, y: 200 }, 44, 0);
    const transform = cropTransform(left, right, CANONICAL_EYES, SIZE, DEAD_BAND);
    expect(SIZE / transform.a).toBeCloseTo(100, 6); // 44 / 0.44
  });

  it.each([
    [30, 0],
    [500, 0],
    [80, 20],
    [80, -20],
    [80, 90],
    [80, 170],
  ])('puts eyes %d px apart at %d degrees on the template', (distance, roll) => {
    const [left, right] = eyesAt({ x: 321, y: 123 }, distance, roll);
    const transform = cropTransform(left, right, CANONICAL_EYES, SIZE, DEAD_BAND);
    expectPoint(toCrop(left, transform), 0.28 * SIZE, 0.34 * SIZE);
    expectPoint(toCrop(right, transform), 0.72 * SIZE, 0.34 * SIZE);
  });

  it('never mirrors: the mouth of an upside-down face lands below the eyes', () => {
    const [left, right] = eyesAt({ x: 100, y: 100 }, 44, 180);
    const transform = cropTransform(left, right, CANONICAL_EYES, 100, DEAD_BAND);
    expectPoint(toCrop({ x: 100, y: 55 }, transform), 50, 79); // 45 px "below" the eyes
  });

  it('does not rotate inside the dead band, and keeps middle and size', () => {
    const [left, right] = eyesAt({ x: 100, y: 100 }, 44, 7.9);
    const transform = cropTransform(left, right, CANONICAL_EYES, 100, DEAD_BAND);
    expect(transform.b).toBeCloseTo(0, 12);
    expect(transform.a).toBeCloseTo(1, 6);
    expectPoint(toCrop({ x: 100, y: 100 }, transform), 50, 34);
  });

  it('rotates by the whole roll from twice the dead band on', () => {
    const [left, right] = eyesAt({ x: 100, y: 100 }, 44, -16.1);
    const { a, b } = cropTransform(left, right, CANONICAL_EYES, 100, DEAD_BAND);
    expect((Math.atan2(b, a) * 180) / Math.PI).toBeCloseTo(16.1, 6);
  });

  it('measures the roll against the template, which need not be level', () => {
    const tilted = { leftEye: [0.3, 0.3], rightEye: [0.7, 0.5] } as const;
    const transform = cropTransform({ x: 30, y: 30 }, { x: 70, y: 50 }, tilted, 100, 0);
    expectPoint(toCrop({ x: 10, y: 90 }, transform), 10, 90);
  });

  it('stays finite where both key points coincide', () => {
    const point = { x: 40, y: 40 };
    const transform = cropTransform(point, point, CANONICAL_EYES, SIZE, DEAD_BAND);
    expect(Object.values(transform).every(Number.isFinite)).toBe(true);
    expectPoint(toCrop(point, transform), 0.5 * SIZE, 0.34 * SIZE);
  });
});
