/** A screen reader needs about this long for "happiness"; faster changes would talk over each other. */
const INTERVAL_MS = 2000;

/** Slows a text that changes with every frame down to what a screen reader can read out. */
export class Announcer {
  #text = '';
  #changedAtMs = -Infinity;

  /**
   * @param text what is so now
   * @param nowMs on a clock that rises, such as `performance.now()`
   * @returns what to have in the live region: the text, or the one before while it is being read out
   */
  announce(text: string, nowMs: number): string {
    if (text !== this.#text && nowMs - this.#changedAtMs >= INTERVAL_MS) {
      this.#text = text;
      this.#changedAtMs = nowMs;
    }
    return this.#text;
  }
}
