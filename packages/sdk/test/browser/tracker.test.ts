import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { FaceDetector, type DetectedFace } from '../../src/face-detector.js';
import { FaceTracker } from '../../src/tracker.js';
import { CLIP_RATE, clipFrames } from './support/clip.js';

describe('FaceTracker with what the detector sees in the recorded clip', () => {
  /** Of each frame. */
  const detected: DetectedFace[][] = [];

  before(async () => {
    const detector = await FaceDetector.create({ urls: assetUrls() });
    for await (const frame of clipFrames()) detected.push(detector.detect(frame));
    detector.dispose();
  });

  /** The id of the face in each frame that has one, of every n-th frame. */
  function idsOf(step: number): number[] {
    const tracker = new FaceTracker();
    return detected.flatMap((faces, frame) => {
      if (frame % step !== 0) return [];
      return tracker.update(faces, (frame * 1000) / CLIP_RATE).map(({ id }) => id);
    });
  }

  it('sees the face in most frames, and none in two seconds', () => {
    const withFace = detected.filter((faces) => faces.length === 1).length;
    expect(withFace).to.be.within(105, 120);
    expect(detected.filter((faces) => faces.length === 0).length).to.be.above(2 * CLIP_RATE);
  });

  for (const step of [1, 3]) {
    it(`keeps one id until the face leaves and gives one more after, at ${CLIP_RATE / step} frames a second`, () => {
      const ids = idsOf(step);
      expect(new Set(ids)).to.deep.equal(new Set([1, 2]));
      expect(ids).to.deep.equal([...ids].sort());
    });
  }

  it('stays within a tenth of a face of what was seen, and 2 % on average', () => {
    const tracker = new FaceTracker();
    const distances = detected.flatMap((faces, frame) => {
      const steady = tracker.update(faces, (frame * 1000) / CLIP_RATE);
      return faces.map((face, i) => {
        const [from, to] = [face.keyPoints[2], steady[i]!.keyPoints[2]];
        return Math.hypot(from.x - to.x, from.y - to.y) / face.box.width;
      });
    });
    expect(Math.max(...distances)).to.be.below(0.07); // 0.04 of a size along each axis
    expect(distances.reduce((a, b) => a + b) / distances.length).to.be.below(0.02);
  });
});
