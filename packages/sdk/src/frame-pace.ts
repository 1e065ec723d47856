/** How often frames are taken while nobody is in view. */
const LOOKOUT_FPS = 5;

/** How long nobody has been in view before it is that. A face that looks away comes back sooner. */
const LOOKOUT_AFTER_MS = 1000;

/** Says when the next frame is due: `maxFps` times a second at most, and less often with no face in view. */
export class FramePace {
  /** At most so many frames a second; `undefined`: as many as there are. Change it at any time. */
  maxFps: number | undefined;
  /** When the frame was shown that had a face in it last, or the first of all. */
  #faceAtMs: number | undefined;
  #dueAtMs = -Infinity;

  /** Asks whether a frame is to be taken. Whoever is told `true` takes it. */
  isDue(timestampMs: number): boolean {
    const intervalMs = 1000 / this.#fpsAt(timestampMs);
    const earlyMs = this.#dueAtMs - timestampMs;
    // Cameras are not punctual: a frame that is a little early is the one that is due. After it the
    // next is early by an interval and a little; by more, the pace rose or time went back.
    if (earlyMs > intervalMs / 4 && earlyMs <= 1.25 * intervalMs) return false;
    // Counted from when it was due, so that 20 of 30 frames a second are two of three rather than
    // every second one; but what was missed for long is not caught up.
    const isPunctual = Math.abs(earlyMs) < intervalMs;
    this.#dueAtMs = (isPunctual ? this.#dueAtMs : timestampMs) + intervalMs;
    return true;
  }

  /** Hears of the result of a frame. */
  see({ timestampMs, hasFace }: { timestampMs: number; hasFace: boolean }): void {
    if (hasFace || this.#faceAtMs === undefined) this.#faceAtMs = timestampMs;
  }

  #fpsAt(timestampMs: number): number {
    const fps = this.maxFps ?? Infinity;
    const isLookout = timestampMs - (this.#faceAtMs ?? timestampMs) > LOOKOUT_AFTER_MS;
    return isLookout ? Math.min(fps, LOOKOUT_FPS) : fps;
  }
}
