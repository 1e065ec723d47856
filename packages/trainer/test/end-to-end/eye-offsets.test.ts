import { describe, expect, it } from 'vitest';
import { expectedEyes, eyeOffsets } from '../../src/end-to-end/eye-offsets.js';

const CANONICAL = { scale: 1, shiftX: 0, shiftY: 0 };
const SIZE = { width: 200, height: 100 };

describe('expectedEyes', () => {
  it('are the canonical eyes of an image that is the canonical face', () => {
    // (0.28, 0.34) and (0.72, 0.34) of 200 x 100
    expect(expectedEyes({}, CANONICAL, SIZE)).toEqual([
      { x: expect.closeTo(56, 9) as number, y: expect.closeTo(34, 9) as number },
      { x: expect.closeTo(144, 9) as number, y: expect.closeTo(34, 9) as number },
    ]);
  });

  it('follow the set’s frame', () => {
    // x: 200 (0.5 + 0.1 + 0.5 (0.28 - 0.5)) = 98, y: 100 (0.5 - 0.2 + 0.5 (0.34 - 0.5)) = 22
    const [left] = expectedEyes({}, { scale: 0.5, shiftX: 0.1, shiftY: -0.2 }, SIZE);
    expect(left.x).toBeCloseTo(98, 9);
    expect(left.y).toBeCloseTo(22, 9);
  });

  it('lie in the part of the image that is the face', () => {
    const [middle] = expectedEyes({ crop: { kind: 'centre-square' } }, CANONICAL, SIZE);
    expect(middle.x).toBeCloseTo(50 + 28, 9); // the square begins at 50
    const square = { kind: 'square', left: -10, top: 20, side: 50 } as const;
    const [, right] = expectedEyes({ crop: square }, CANONICAL, SIZE);
    expect(right.x).toBeCloseTo(-10 + 36, 9);
    expect(right.y).toBeCloseTo(20 + 17, 9);
  });
});

describe('eyeOffsets', () => {
  const face = (dx: number, dy: number, stretch = 1) =>
    ({
      expected: [
        { x: 10, y: 20 },
        { x: 30, y: 20 },
      ],
      found: [
        { x: 10 + dx, y: 20 + dy },
        { x: 10 + dx + 20 * stretch, y: 20 + dy },
      ],
    }) as const;

  it('are means and deviations in eye distances', () => {
    const offsets = eyeOffsets([face(2, -4), face(4, -4)]);
    expect(offsets.leftX.mean).toBeCloseTo(0.15, 9); // (2 / 20 + 4 / 20) / 2
    expect(offsets.leftX.standardDeviation).toBeCloseTo(0.1 / Math.SQRT2, 9);
    expect(offsets.rightX.mean).toBeCloseTo(0.15, 9);
    expect(offsets.leftY).toEqual({ mean: -0.2, standardDeviation: 0 });
    expect(offsets.distance.mean).toBeCloseTo(1, 9);
    expect(offsets.rollDegrees.mean).toBeCloseTo(0, 9);
  });

  it('tell a wider face from a shifted one, and a tilted one from both', () => {
    const wide = eyeOffsets([face(0, 0, 1.5)]);
    expect(wide.leftX.mean).toBe(0);
    expect(wide.rightX.mean).toBeCloseTo(0.5, 9);
    expect(wide.distance.mean).toBeCloseTo(1.5, 9);
    const { expected } = face(0, 0);
    const tilted = eyeOffsets([{ expected, found: [expected[0], { x: 20, y: 30 }] }]);
    expect(tilted.rollDegrees.mean).toBeCloseTo(45, 9); // clockwise as seen: y grows downwards
  });
});
