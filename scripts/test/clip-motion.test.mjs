import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLIP, faceAt } from '../lib/clip-motion.mjs';

const faces = Array.from({ length: CLIP.frames }, (_, frame) => faceAt(frame));

describe('the recorded clip', () => {
  it('moves as the committed table of its faces says', () => {
    const table = JSON.parse(
      readFileSync(new URL('../../e2e/fixtures/clip.json', import.meta.url), 'utf8'),
    );
    expect(table).toEqual({ ...CLIP, faces });
  });

  it('loses the face once, for two seconds', () => {
    const away = faces.flatMap(({ visible, frame }) => (visible === 0 ? [frame] : []));
    expect(away.length).toBeGreaterThanOrEqual(2 * CLIP.framesPerSecond);
    expect(away.at(-1) - away.at(0)).toBe(away.length - 1); // in one piece
  });

  it('tilts the face 15 degrees to either side while it is in the frame', () => {
    const tilts = faces.filter(({ visible }) => visible === 1).map((face) => face.tiltDegrees);
    expect(Math.max(...tilts)).toBeCloseTo(15, 0);
    expect(Math.min(...tilts)).toBeCloseTo(-15, 0);
  });

  it('ends where it began', () => {
    expect(faces.at(-1).box).toEqual(faces.at(0).box);
  });
});
