const WINDOW_MS = 2000;

/** How many frames a second come out, over the last two seconds. */
export class FrameRate {
  readonly #times: number[] = [];

  /**
   * Counts a frame.
   *
   * @param nowMs on a clock that rises, such as `performance.now()`
   * @returns frames a second; 0 for the first frame
   */
  count(nowMs: number): number {
    this.#times.push(nowMs);
    while (this.#times.length > 2 && nowMs - this.#times[0]! > WINDOW_MS) this.#times.shift();
    const elapsedMs = nowMs - this.#times[0]!;
    return elapsedMs > 0 ? ((this.#times.length - 1) * 1000) / elapsedMs : 0;
  }
}
