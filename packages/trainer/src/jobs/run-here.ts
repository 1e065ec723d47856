import { concurrentMap } from '../datasets/concurrent-map.js';
import { TrainerError } from '../errors.js';
import { JobChild } from './job-child.js';
import type { JobTask } from './job-messages.js';
import { isWorthRetrying, MOST_ATTEMPTS, type JobWatch } from './job-watch.js';

export interface RunHereOptions {
  /** Jobs at the same time. */
  readonly concurrency: number;
  /** Words of the command line for the record of the runs. */
  readonly command: readonly string[];
  readonly signal: AbortSignal;
  readonly watch: JobWatch;
}

/**
 * Runs jobs on this machine, each in a process of its own. One that fails does not end the others;
 * the watch has the failures. Stopped by the signal, every job leaves a checkpoint.
 */
export async function runHere(
  tasks: readonly JobTask[],
  { concurrency, command, signal, watch }: RunHereOptions,
): Promise<void> {
  const isStopped = (): boolean => signal.aborted;
  await concurrentMap(tasks, concurrency, async (task) => {
    const { name } = task.job;
    for (let attempt = 1; !isStopped(); attempt++) {
      const child = await JobChild.start(task, {
        command,
        onShare: (share) => {
          watch.share(name, share);
        },
        signal,
      });
      try {
        if (await child.done) watch.finished(name);
        return;
      } catch (error) {
        if (!(error instanceof TrainerError)) throw error;
        if (isStopped() && error.code === 'job-crashed') return; // stopped before it could save
        if (!isWorthRetrying(error.code) || attempt === MOST_ATTEMPTS) {
          watch.failed(name, error);
          return;
        }
        watch.note(`${name}: ${error.message} It goes on from its last checkpoint.`);
      }
    }
  });
}
