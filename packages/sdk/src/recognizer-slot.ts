import type { EmotionRecognizer } from './recognizer.js';
import type { RecognizerOptions } from './recognizer-options.js';

type Create = (options: RecognizerOptions) => Promise<EmotionRecognizer>;

interface Entry {
  readonly key: string;
  readonly abort: AbortController;
  readonly promise: Promise<EmotionRecognizer>;
  isLoaded: boolean;
}

/**
 * Holds one recognizer from run to run, because loading and warming it up takes seconds: it is made
 * again only for other options, after `release` or after a failure.
 */
export class RecognizerSlot {
  readonly #create: Create;
  #entry: Entry | undefined;

  constructor(create: Create) {
    this.#create = create;
  }

  /**
   * @param options must be plain data, but for `onProgress`
   * @throws EmotionCamError of `EmotionRecognizer.create`
   */
  load(options: Omit<RecognizerOptions, 'signal'>): Promise<EmotionRecognizer> {
    const key = JSON.stringify(options);
    if (this.#entry?.key === key) return this.#entry.promise;
    this.release();

    const abort = new AbortController();
    const promise = this.#create({ ...options, signal: abort.signal });
    const entry: Entry = { key, abort, promise, isLoaded: false };
    this.#entry = entry;
    promise.then(
      () => {
        entry.isLoaded = true;
      },
      () => {
        if (this.#entry === entry) this.#entry = undefined; // so that the next try loads again
      },
    );
    return promise;
  }

  /** Stops a download that is under way; keeps a recognizer that is ready. */
  cancel(): void {
    if (this.#entry?.isLoaded === false) this.release();
  }

  /**
   * Frees the recognizer, or stops making it.
   *
   * @param whenIdle settles when nobody works with it any more
   */
  release(whenIdle: Promise<void> = Promise.resolve()): void {
    const entry = this.#entry;
    if (!entry) return;
    this.#entry = undefined;
    if (!entry.isLoaded) entry.abort.abort();
    Promise.all([entry.promise, whenIdle]).then(
      ([recognizer]) => {
        recognizer.dispose();
      },
      () => undefined, // it failed to load: whoever waits for it has been told
    );
  }
}
