/** A worker ended with an error. */
export class WorkerFailed extends Error {}

/**
 * Runs something that starts workers from blobs, and gives up when one of them fails: those of TensorFlow.js say so
 * to nobody. All of that kind that this thread makes meanwhile are watched.
 *
 * @throws {WorkerFailed} one of them failed
 * @throws what `start` throws
 */
export async function withWatchedWorkers<T>(start: () => Promise<T>): Promise<T> {
  const { Worker: Native } = globalThis;
  const end = new AbortController();
  try {
    const result = await new Promise<T>((resolve, reject) => {
      globalThis.Worker = class extends Native {
        constructor(address: string | URL, options?: WorkerOptions) {
          super(address, options);
          if (!String(address).startsWith('blob:')) return; // of the page: none of our business
          const handleError = (event: ErrorEvent): void => {
            event.preventDefault(); // it is dealt with: not for `window.onerror`,
            event.stopImmediatePropagation(); // nor for a handler that throws it on
            reject(new WorkerFailed(event.message));
          };
          this.addEventListener('error', handleError, { signal: end.signal });
        }
      };
      start().then(resolve, reject);
    });
    end.abort(); // those of a start that failed stay unheard: there are others to fail
    return result;
  } finally {
    globalThis.Worker = Native;
  }
}
