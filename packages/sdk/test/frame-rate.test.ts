import { describe, expect, it } from 'vitest';
import { FrameRate } from '../src/frame-rate.js';

describe('FrameRate', () => {
  it('says nothing of a single frame', () => {
    expect(new FrameRate().count(1000)).toBe(0);
  });

  it('counts the frames of a second', () => {
    const rate = new FrameRate();
    for (let frame = 0; frame < 20; frame++) rate.count(frame * 50);
    expect(rate.count(1000)).toBeCloseTo(20, 6);
  });

  it('forgets what is more than two seconds old', () => {
    const rate = new FrameRate();
    for (let frame = 0; frame <= 100; frame++) rate.count(frame * 10); // 100 a second
    rate.count(2000);
    rate.count(3000);
    expect(rate.count(4000)).toBeCloseTo(1, 6); // 2000, 3000, 4000: two steps in two seconds
  });

  it('still has a rate where frames take longer than that', () => {
    const rate = new FrameRate();
    rate.count(0);
    expect(rate.count(9000)).toBeCloseTo(1 / 9, 6);
  });
});
