/** So many frames are looked at before they are judged: the first ones of a page are slow. */
const FRAMES = 20;

/** Watches how long frames take. */
export class FrameBudget {
  readonly #budgetMs: number;
  #times: number[] = [];

  /** @param budgetMs - that a frame may take */
  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  /**
   * Takes the time of the next frame that the network ran for.
   *
   * @returns that of the last frames more than half took longer than they may
   */
  isExceededWith(frameMs: number): boolean {
    this.#times = [...this.#times, frameMs].slice(-FRAMES);
    if (this.#times.length < FRAMES) return false;
    return this.#times.filter((ms) => ms > this.#budgetMs).length > FRAMES / 2;
  }
}
