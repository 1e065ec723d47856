import { describe, expect, it } from 'vitest';
import { sampleTimes } from '../src/analysis/sample-times.js';

describe('sampleTimes', () => {
  it('gives the middle of each interval, from the first frame on', () => {
    expect([...sampleTimes(2, 0, 2)]).toEqual([0.25, 0.75, 1.25, 1.75]);
    expect([...sampleTimes(1, 10, 12.6)]).toEqual([10.5, 11.5, 12.5]);
  });

  it('hits each frame once at the rate of the video, whichever way its times are rounded', () => {
    for (const rate of [15, 24, 29.97, 30]) {
      const starts = Array.from({ length: 300 }, (_, i) => Math.round((i / rate) * 1000) / 1000);
      const shown = [...sampleTimes(rate, 0, 300 / rate)].map(
        (time) => starts.filter((start) => start <= time).length - 1,
      );
      expect(shown).toEqual(starts.map((_, i) => i));
    }
  });

  it('gives one time of a video that is shorter than half of an interval', () => {
    expect([...sampleTimes(1, 0, 0.2)]).toEqual([0.1]);
  });
});
