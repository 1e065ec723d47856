import type { DetectedFace } from '../../src/face-detector.js';

/** Where BlazeFace's six points lie in its box: eyes, nose, mouth, ears. */
const POINTS = [
  [0.3, 0.3],
  [0.7, 0.3],
  [0.5, 0.55],
  [0.5, 0.75],
  [0.05, 0.35],
  [0.95, 0.35],
] as const;

/**
 * A face as the detector gives it.
 *
 * @param x - of its middle, in pixels, as y
 * @param noise - gives what is added to each coordinate, in face sizes
 */
export function faceAt(
  x: number,
  y: number,
  size = 100,
  noise: () => number = () => 0,
): DetectedFace {
  const jitter = (): number => noise() * size;
  const [left, top] = [x - size / 2, y - size / 2];
  return {
    box: { x: left + jitter(), y: top + jitter(), width: size + jitter(), height: size + jitter() },
    keyPoints: POINTS.map(([u, v]) => ({
      x: left + u * size + jitter(),
      y: top + v * size + jitter(),
    })) as unknown as DetectedFace['keyPoints'],
    score: 0.9,
  };
}

/** The middle of a face's box. */
export function middleOf({ box }: DetectedFace): { x: number; y: number } {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
