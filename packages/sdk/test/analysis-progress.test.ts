import { describe, expect, it } from 'vitest';
import { progressAt } from '../src/analysis/analysis-progress.js';
import { frameOf } from './support/readings.js';

/** A frame without faces: the same as a result and as what the network gave. */
const at = (timeMs: number) => ({ ...frameOf([], timeMs), faces: [] });

describe('progressAt', () => {
  it('tells speed and remaining time from what was read so far', () => {
    const start = { frames: 90, durationMs: 12_000, startedMs: 500 };
    expect(progressAt(start, at(3000), 2000)).toMatchObject({
      fraction: 0.25,
      speed: 2,
      remainingMs: 4500,
    });
  });

  it('never passes the end, where a video is longer than it says', () => {
    const start = { frames: 90, durationMs: 1000, startedMs: 0 };
    expect(progressAt(start, at(1500), 500)).toMatchObject({
      durationMs: 1500,
      fraction: 1,
      remainingMs: 0,
    });
  });

  it('gives numbers for the first frame, at time 0', () => {
    const start = { frames: 1, durationMs: 1000, startedMs: 7 };
    expect(progressAt(start, at(0), 7)).toMatchObject({ fraction: 0, speed: 0, remainingMs: 0 });
  });
});
