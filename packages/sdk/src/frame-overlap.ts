import type { FrameTimings } from './pipeline.js';

/** How much a new frame counts for the times that are expected of the next. */
const NEWEST = 0.2;

/**
 * Says when the next frame is to be taken while one is on the graphics card: so that finding its faces
 * ends as the card becomes free. Sooner, it would wait there and grow old meanwhile.
 */
export class FrameOverlap {
  /** What a frame is expected to take before the graphics card has it, and from then on. */
  #expected: { readonly ownMs: number; readonly cardMs: number } | undefined;

  /** @param inWorkMs - how long the frame before has been in work */
  isDue(inWorkMs: number): boolean {
    if (!this.#expected) return false; // the first frames are slow in ways of their own
    const { ownMs, cardMs } = this.#expected;
    // One that spends longer in the thread than on the card keeps the thread busy for so long.
    return inWorkMs >= Math.max(ownMs, cardMs);
  }

  /** Hears of the result of a frame. */
  see({ detectMs, cropMs, networkMs, totalMs }: FrameTimings): void {
    const ownMs = detectMs + cropMs + networkMs;
    const cardMs = totalMs - ownMs;
    const before = this.#expected ?? { ownMs, cardMs };
    this.#expected = {
      ownMs: before.ownMs + NEWEST * (ownMs - before.ownMs),
      cardMs: before.cardMs + NEWEST * (cardMs - before.cardMs),
    };
  }
}
