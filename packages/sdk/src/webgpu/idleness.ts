/** A card that has had nothing to do for so long is taken for idle; between two frames it is. */
const QUIET_MS = 5;
/** Between two looks. */
const LOOK_MS = 15;

/** Whether frames are being computed, as seen by work that must not disturb them. */
export class Idleness {
  #underWay = 0;
  #quietSinceMs = performance.now();

  /** Counts a frame until it is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
      this.#quietSinceMs = performance.now();
    }
  }

  /**
   * Waits until no frame is being computed and none was just now. Where one follows the other without a
   * pause, that is never.
   *
   * @throws the signal's reason, if it is aborted
   */
  async when(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#underWay === 0 && performance.now() - this.#quietSinceMs >= QUIET_MS) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
