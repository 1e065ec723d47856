import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * A thread with a back end of its own, so that back ends can be timed in turns within one run. The
 * module's functions do the work: `start(backend)` first, then `measure(task)`.
 *
 * @param {string} moduleUrl module that exports `start` and `measure`
 * @param {string} backend what `start` takes
 */
export async function backendThread(moduleUrl, backend) {
  const thread = new Worker(new URL('serve-tasks.mjs', import.meta.url), {
    workerData: { moduleUrl, backend },
  });
  /** The next message; what the thread throws is thrown here. */
  const answer = async () => (await once(thread, 'message'))[0];
  await answer(); // started
  return {
    /** @param {unknown} task @returns {Promise<any>} what the module's `measure` gives */
    measure(task) {
      const milliseconds = answer();
      thread.postMessage(task);
      return milliseconds;
    },
    stop: () => thread.terminate(),
  };
}
