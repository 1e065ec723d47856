import { beforeEach, describe, expect, it } from 'vitest';
import type { DetectedFace } from '../src/face-detector.js';
import { FaceTracker, type TrackedFace } from '../src/tracker.js';
import { faceAt, middleOf } from './support/faces.js';
import { uniform } from './support/narrow-model.js';

const FRAME_MS = 1000 / 30;

/** Uniform noise of 2 % of a face, as BlazeFace's points have it. */
function detectorNoise(seed: number): () => number {
  const next = uniform(seed);
  return () => (next() - 0.5) * Math.sqrt(12) * 0.02;
}

const idsOf = (faces: readonly TrackedFace[]): number[] => faces.map(({ id }) => id);

describe('FaceTracker', () => {
  let tracker: FaceTracker;
  let nowMs: number;

  beforeEach(() => {
    tracker = new FaceTracker();
    nowMs = 0;
  });

  /** The next frame, a thirtieth of a second or so many milliseconds after the last. */
  function see(faces: readonly DetectedFace[], afterMs: number = FRAME_MS): TrackedFace[] {
    nowMs += afterMs;
    return tracker.update(faces, nowMs);
  }

  /** A face that moves at a speed, pixels a second, for some seconds; the last answer. */
  function move(from: number, speed: number, seconds: number): TrackedFace {
    let last: TrackedFace | undefined;
    const frames = Math.round(seconds * 30);
    for (let frame = 0; frame <= frames; frame++) {
      [last] = see([faceAt(from + (speed * frame) / 30, 200)]);
    }
    return last!;
  }

  describe('ids', () => {
    it('count up from 1 and stay', () => {
      expect(idsOf(see([faceAt(100, 100), faceAt(400, 100)]))).toEqual([1, 2]);
      expect(idsOf(see([faceAt(405, 100), faceAt(104, 100)])).sort()).toEqual([1, 2]);
      expect(idsOf(see([faceAt(100, 100), faceAt(400, 100), faceAt(700, 100)]))).toContain(3);
    });

    it('answer an empty frame with nothing', () => {
      expect(see([])).toEqual([]);
      see([faceAt(100, 100)]);
      expect(see([])).toEqual([]);
    });

    for (const framesASecond of [5, 15, 30]) {
      it(`stay when two faces cross and one hides the other, at ${framesASecond} frames a second`, () => {
        const noise = detectorNoise(framesASecond);
        let ids: number[] = [];
        for (let t = 0; t <= 2; t += 1 / framesASecond) {
          const [a, b] = [
            faceAt(100 + 200 * t, 200, 100, noise),
            faceAt(500 - 200 * t, 210, 80, noise),
          ];
          // They meet after a second; the one behind cannot be found while 70 % of it are hidden.
          const isHidden = Math.abs(middleOf(a).x - middleOf(b).x) < 60;
          const faces = see(isHidden ? [a] : [a, b], 1000 / framesASecond);
          ids = idsOf(faces);
          if (isHidden) expect(ids).toEqual([1]);
        }
        expect(ids).toEqual([1, 2]); // the larger one is first in every frame
      });
    }

    it('stay when two faces of one size pass each other in sight', () => {
      const noise = detectorNoise(4);
      const first = see([faceAt(100, 150, 100, noise), faceAt(500, 250, 100, noise)]);
      const left = first.find((face) => middleOf(face).x < 300)!.id;
      let faces = first;
      for (let t = FRAME_MS / 1000; t <= 2; t += FRAME_MS / 1000) {
        faces = see([
          faceAt(500 - 200 * t, 250, 100, noise),
          faceAt(100 + 200 * t, 150, 100, noise),
        ]);
      }
      expect(faces.find((face) => middleOf(face).x > 300)!.id).toBe(left);
    });

    it('are given by the least sum of distances, not to the nearest first', () => {
      see([faceAt(100, 200), faceAt(150, 200)]);
      // Both stepped 45 px to the right: the first stands almost where the second was.
      const faces = see([faceAt(145, 200), faceAt(195, 200)]);
      const [one, two] = [faces.find(({ id }) => id === 1)!, faces.find(({ id }) => id === 2)!];
      expect(middleOf(one).x).toBeLessThan(middleOf(two).x);
    });

    it('come back with a face that was away for less than a second', () => {
      const { id } = move(100, 100, 0.5);
      see([], 400);
      expect(idsOf(see([faceAt(170, 200)], 500))).toEqual([id]);
    });

    it('come back with a face that left at an edge and came in there again', () => {
      const { id } = move(300, -600, 0.5); // to 0, half out of the frame, six faces a second
      expect(idsOf(see([faceAt(10, 200)], 800))).toEqual([id]);
    });

    it('do not come back after more than a second', () => {
      const { id } = move(100, 0, 0.5);
      expect(idsOf(see([faceAt(100, 200)], 990))).toEqual([id]);
      expect(idsOf(see([faceAt(100, 200)], 1010))).not.toEqual([id]);
    });

    it('do not go to a face that is too far away or of another size', () => {
      see([faceAt(100, 200)]);
      expect(idsOf(see([faceAt(220, 200)]))).toEqual([2]);
      expect(idsOf(see([faceAt(220, 200, 230)]))).toEqual([3]);
    });

    it('follow a face that moves as fast as six times its size a second', () => {
      const { id } = move(0, 100, 0.2);
      for (const x of [40, 100, 200, 320, 440]) {
        expect(idsOf(see([faceAt(x, 200)], 1000 / 15))).toEqual([id]);
      }
    });

    it('are new where time goes back, as when a video starts over', () => {
      see([faceAt(100, 100)], 5000);
      expect(idsOf(tracker.update([faceAt(100, 100)], 0))).toEqual([2]);
      expect(idsOf(tracker.update([faceAt(100, 100)], FRAME_MS))).toEqual([2]);
    });

    it('are new after a reset', () => {
      see([faceAt(100, 100)]);
      tracker.reset();
      expect(idsOf(see([faceAt(100, 100)]))).toEqual([2]);
    });
  });

  describe('steadiness', () => {
    it('leaves less than half of the jitter of a face at rest', () => {
      const noise = detectorNoise(1);
      let sum = 0;
      let rawSum = 0;
      for (let i = 0; i < 600; i++) {
        const face = faceAt(300, 200, 100, noise);
        const [steady] = see([face]);
        sum += (steady!.keyPoints[0].x - 280) ** 2;
        rawSum += (face.keyPoints[0].x - 280) ** 2;
      }
      expect(Math.sqrt(sum / rawSum)).toBeLessThan(0.5);
    });

    /** How a face's middle moves, in face sizes after so many seconds. */
    const paths: Record<string, (seconds: number) => number> = {
      'walks off at half its size a second': (t) => 0.5 * Math.max(0, t - 1),
      'runs off at four times its size a second': (t) => 4 * Math.max(0, t - 1),
      'runs and stops': (t) => 3 * Math.min(Math.max(0, t - 1), 0.5),
      'swings by half its size, once a second': (t) => 0.5 * Math.sin(2 * Math.PI * t),
      'shakes twice a second': (t) => 0.2 * Math.sin(4 * Math.PI * t),
    };

    /** The largest and the usual distance (root of the mean square) of an eye from where it is, in face sizes. */
    function errorsOf(
      path: (seconds: number) => number,
      framesASecond: number,
      {
        noise,
        detectionIntervalMs = 0,
      }: { noise?: () => number; detectionIntervalMs?: number } = {},
    ): { largest: number; usual: number } {
      const tracker = new FaceTracker();
      const errors: number[] = [];
      let detectedAtMs = -Infinity;
      for (let frame = 0; frame <= 4 * framesASecond; frame++) {
        const timestampMs = (1000 * frame) / framesASecond;
        const x = 500 + 100 * path(timestampMs / 1000);
        const isDetected = timestampMs - detectedAtMs >= detectionIntervalMs;
        if (isDetected) detectedAtMs = timestampMs;
        const [face] = isDetected
          ? tracker.update([faceAt(x, 200, 100, noise)], timestampMs)
          : tracker.predict(timestampMs);
        errors.push(Math.abs(face!.keyPoints[0].x - (x - 20)) / 100);
      }
      const squares = errors.reduce((sum, error) => sum + error * error, 0);
      return { largest: Math.max(...errors), usual: Math.sqrt(squares / errors.length) };
    }

    for (const [name, path] of Object.entries(paths)) {
      it(`lags by 4 % of a face at most at 5, 15 and 30 frames a second where it ${name}`, () => {
        for (const framesASecond of [5, 15, 30]) {
          expect(errorsOf(path, framesASecond).largest).toBeLessThan(0.04 + 1e-9);
        }
      });
    }

    it('leaves less of the jitter of a face at rest the more frames there are', () => {
      for (const [framesASecond, part] of [
        [5, 0.75],
        [15, 0.5],
        [30, 0.4],
      ] as const) {
        const runs = [1, 2, 3, 4, 5].map((seed) =>
          errorsOf(() => 0, framesASecond, { noise: detectorNoise(seed) }),
        );
        const usual = runs.reduce((sum, run) => sum + run.usual, 0) / runs.length;
        expect(usual).toBeLessThan(part * 0.02);
      }
    });

    it('is at most an eighth of a face off a swinging one that is looked for in every second frame', () => {
      const path = paths['swings by half its size, once a second']!;
      expect(errorsOf(path, 30, { detectionIntervalMs: 50 }).largest).toBeLessThan(0.125);
    });

    it('moves box and key points together', () => {
      const steady = move(100, 100, 1);
      expect(steady.keyPoints[2].x - middleOf(steady).x).toBeCloseTo(0, 6); // the nose is in the middle
    });

    it('gives the same answer for a frame that is shown twice', () => {
      const [first] = see([faceAt(100, 100)]);
      expect(tracker.update([faceAt(130, 100)], nowMs)).toEqual([first]);
    });

    it('hands the score of the frame on', () => {
      expect(see([{ ...faceAt(1, 1), score: 0.6 }])[0]!.score).toBe(0.6);
      expect(see([{ ...faceAt(1, 1), score: 0.8 }])[0]!.score).toBe(0.8);
    });
  });

  describe('prediction', () => {
    it('moves faces on at their speed, box and key points alike', () => {
      const last = move(100, 90, 2);
      const [face] = tracker.predict(nowMs + 40);
      // 90 px/s for 40 ms, slowed down a little: less than 3.6 px.
      expect(middleOf(face!).x - middleOf(last).x).toBeGreaterThan(3);
      expect(middleOf(face!).x - middleOf(last).x).toBeLessThan(3.6);
      face!.keyPoints.forEach((point, i) => {
        const moved = point.x - last.keyPoints[i]!.x;
        expect(moved).toBeCloseTo(middleOf(face!).x - middleOf(last).x, 6);
      });
      expect(face!.id).toBe(last.id);
    });

    it('has the faces of the last frame only, in their order', () => {
      const both = [faceAt(100, 200, 80), faceAt(400, 200, 120)];
      const ids = idsOf(see(both));
      expect(idsOf(tracker.predict(nowMs + 10))).toEqual(ids);
      see([both[0]!]);
      expect(tracker.predict(nowMs + 10)).toHaveLength(1);
      tracker.reset();
      expect(tracker.predict(nowMs + 10)).toEqual([]);
    });

    it('leaves no trace in what follows', () => {
      const last = move(100, 90, 1);
      tracker.predict(nowMs + 20);
      expect(see([faceAt(193, 200)])[0]!.id).toBe(last.id);
    });
  });

  describe('order', () => {
    it('is by size', () => {
      const faces = see([faceAt(100, 100, 50), faceAt(400, 100, 90), faceAt(700, 100, 70)]);
      expect(faces.map(({ box }) => box.width)).toEqual([90, 70, 50]);
    });

    it('stays while two faces are about as large, and changes when one is clearly larger', () => {
      const sizes: [number, number][] = [
        [100, 95],
        [100, 105],
        [96, 100],
      ];
      const fronts = sizes.map(([a, b]) => see([faceAt(100, 100, a), faceAt(400, 100, b)])[0]!.id);
      expect(fronts).toEqual([1, 1, 1]);
      const later = Array.from({ length: 30 }, () =>
        see([faceAt(100, 100, 100), faceAt(400, 100, 120)]),
      );
      expect(later.at(-1)![0]!.id).toBe(2); // 1.44 times the area, after the smoothing
    });
  });
});
