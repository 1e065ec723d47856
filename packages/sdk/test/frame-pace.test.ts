import { beforeEach, describe, expect, it } from 'vitest';
import { FramePace } from '../src/frame-pace.js';

describe('FramePace', () => {
  let pace: FramePace;

  beforeEach(() => {
    pace = new FramePace();
  });

  /** How many of the frames of some seconds are taken, of so many a second. */
  function taken(framesASecond: number, fromSecond: number, toSecond: number, hasFace = true) {
    let count = 0;
    for (let i = Math.round(fromSecond * framesASecond); i < toSecond * framesASecond; i++) {
      const timestampMs = (i * 1000) / framesASecond;
      if (!pace.isDue(timestampMs)) continue;
      count += 1;
      pace.see({ timestampMs, hasFace });
    }
    return count;
  }

  it('takes every frame where nothing limits it', () => {
    expect(taken(60, 0, 2)).toBe(120);
  });

  for (const [maxFps, framesASecond, expected] of [
    [10, 30, 100],
    [20, 30, 200],
    [15, 30, 150],
    [24, 60, 240],
    [60, 30, 300],
    [0.5, 30, 5],
  ] as const) {
    it(`takes ${maxFps} of ${framesASecond} frames a second`, () => {
      pace.maxFps = maxFps;
      expect(taken(framesASecond, 0, 10)).toBeGreaterThanOrEqual(expected - 1);
      expect(taken(framesASecond, 10, 20)).toBeLessThanOrEqual(expected + 1);
    });
  }

  it('takes all of a camera that is as quick as it may be, but not punctual', () => {
    pace.maxFps = 30;
    let count = 0;
    for (let i = 0; i < 300; i++) count += Number(pace.isDue((i * 1000) / 30 + (i % 3) * 2));
    expect(count).toBeGreaterThanOrEqual(299);
  });

  it('does not catch up after a pause', () => {
    pace.maxFps = 10;
    taken(30, 0, 1);
    expect(taken(30, 100, 101)).toBeLessThanOrEqual(11);
  });

  it('takes five a second once nobody was in view for a second, and all again with a face', () => {
    taken(30, 0, 2);
    expect(taken(30, 2, 3, false)).toBe(30);
    const lookout = taken(30, 4, 8, false);
    expect(lookout).toBeGreaterThanOrEqual(19);
    expect(lookout).toBeLessThanOrEqual(22);
    expect(taken(30, 8.2, 9.2)).toBe(30);
  });

  it('takes five a second where there was nobody from the start', () => {
    taken(30, 0, 2, false);
    expect(taken(30, 2, 4, false)).toBeLessThanOrEqual(11);
  });

  it('never takes more with nobody in view than maxFps', () => {
    pace.maxFps = 2;
    taken(30, 0, 2, false);
    expect(taken(30, 2, 6, false)).toBeLessThanOrEqual(9);
  });

  it('follows a change of maxFps at once', () => {
    pace.maxFps = 0.1;
    taken(30, 0, 1);
    pace.maxFps = 30;
    expect(taken(30, 1, 2)).toBeGreaterThanOrEqual(29);
  });

  it('goes on where time goes back', () => {
    pace.maxFps = 10;
    taken(30, 100, 101);
    expect(taken(30, 0, 1)).toBeGreaterThanOrEqual(9);
  });
});
