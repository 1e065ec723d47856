import { describe, expect, it } from 'vitest';
import { FrameOverlap } from '../src/frame-overlap.js';

const timings = (detectMs: number, cardMs: number) => ({
  ...{ detectMs, cropMs: 1, networkMs: 1, readbackMs: cardMs },
  totalMs: detectMs + 2 + cardMs,
});

describe('FrameOverlap', () => {
  it('lets no frame overlap before one was seen', () => {
    expect(new FrameOverlap().isDue(1000)).toBe(false);
  });

  it('takes the next frame so that its own part ends as the card becomes free', () => {
    const overlap = new FrameOverlap();
    overlap.see(timings(8, 40)); // 50 ms, 10 of them in the thread: the next one's go from 40 to 50
    expect(overlap.isDue(39)).toBe(false);
    expect(overlap.isDue(41)).toBe(true);
  });

  it('does not take it while the thread is busy with the one before', () => {
    const overlap = new FrameOverlap();
    overlap.see(timings(18, 5));
    expect(overlap.isDue(19)).toBe(false);
    expect(overlap.isDue(21)).toBe(true);
  });

  it('follows a card that becomes slower, and one that becomes faster', () => {
    const overlap = new FrameOverlap();
    overlap.see(timings(8, 40));
    for (let frame = 0; frame < 20; frame++) overlap.see(timings(8, 80));
    expect(overlap.isDue(70)).toBe(false);
    for (let frame = 0; frame < 20; frame++) overlap.see(timings(8, 20));
    expect(overlap.isDue(30)).toBe(true);
  });

  describe('with a camera of 30 frames a second and 10 ms in the thread for each', () => {
    /** Counts the frames of ten seconds, and how long one waited for the card. */
    function simulate(
      cardMs: number,
      mayOverlap: boolean,
    ): { frames: number; longestWaitMs: number } {
      const overlap = new FrameOverlap();
      const inWork: { takenMs: number; doneMs: number }[] = [];
      let frames = 0;
      let longestWaitMs = 0;
      let freeMs = 0; // when the card becomes free
      for (let nowMs = 0; nowMs < 10_000; nowMs++) {
        const [first] = inWork;
        if (first && first.doneMs <= nowMs) {
          inWork.shift();
          frames += 1;
          overlap.see({ ...timings(8, nowMs - first.takenMs - 10) });
        }
        const inWorkMs = nowMs - (inWork[0]?.takenMs ?? -Infinity);
        const canTake = inWork.length === 0 || (mayOverlap && overlap.isDue(inWorkMs));
        if (nowMs % 33 !== 0 || inWork.length > 1 || !canTake) continue;
        const readyMs = nowMs + 10;
        longestWaitMs = Math.max(longestWaitMs, freeMs - readyMs);
        freeMs = Math.max(readyMs, freeMs) + cardMs;
        inWork.push({ takenMs: nowMs, doneMs: freeMs });
      }
      return { frames, longestWaitMs };
    }

    it('reads every frame where the card takes most of the time between two', () => {
      expect(simulate(30, false).frames).toBeLessThan(155); // every second frame
      expect(simulate(30, true).frames).toBeGreaterThan(295);
      expect(simulate(30, true).longestWaitMs).toBeLessThanOrEqual(0);
    });

    it('lets no frame wait for long where the card is slower than the camera', () => {
      const { frames, longestWaitMs } = simulate(90, true);
      expect(frames).toBeGreaterThanOrEqual(simulate(90, false).frames);
      expect(longestWaitMs).toBeLessThan(15);
    });
  });
});
