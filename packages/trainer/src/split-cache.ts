import type { DatasetName, Split } from './datasets/dataset.js';
import { loadSplits, type DataSource, type LoadedSplit } from './load-split.js';
import type { WorkerPool } from './worker-pool.js';

/** The splits of a run's stages: decoded once, freed when no later stage uses their set. */
export class SplitCache {
  readonly #pool: WorkerPool;
  readonly #loaded = new Map<DatasetName, Map<Split, LoadedSplit>>();
  #unreadable = 0;

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  /** Images of all splits so far that could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /**
   * Splits of one set; those that an earlier stage used are not read again.
   *
   * @throws {TrainerError} as `loadSplits` does
   */
  async load<S extends Split>(
    source: DataSource,
    splits: readonly S[],
  ): Promise<Record<S, LoadedSplit>> {
    const known = this.#loaded.get(source.name) ?? new Map<Split, LoadedSplit>();
    const missing = splits.filter((split) => !known.has(split));
    if (missing.length > 0) {
      for (const part of await loadSplits(this.#pool, source, missing)) {
        known.set(part.split, part);
        this.#unreadable += part.unreadable;
      }
      this.#loaded.set(source.name, known);
    }
    return Object.fromEntries(splits.map((split) => [split, known.get(split)])) as Record<
      S,
      LoadedSplit
    >;
  }

  /** Frees the images of every other set. */
  async keepOnly(names: readonly DatasetName[]): Promise<void> {
    for (const [name, parts] of this.#loaded) {
      if (names.includes(name)) continue;
      this.#loaded.delete(name);
      for (const { slot } of parts.values()) await this.#pool.dropImages(slot);
    }
  }
}
