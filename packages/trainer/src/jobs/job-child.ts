import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainerError, type TrainerErrorCode } from '../errors.js';
import type { JobReply, JobRequest, JobTask } from './job-messages.js';

/** What a job prints goes here, in its folder. */
const LOG_FILE = 'job.log';

export interface JobChildOptions {
  /** Words of the command line for the record of the run. */
  readonly command: readonly string[];
  readonly onShare: (share: number) => void;
  /** Ends it after the step in progress; the state is saved. */
  readonly signal: AbortSignal;
}

/** A job in a process of its own, as the parent sees it. */
export class JobChild {
  readonly #process: ChildProcess;
  /** Whether it is finished; not if it was stopped. Rejects with what made it fail. */
  readonly done: Promise<boolean>;

  private constructor(task: JobTask, child: ChildProcess, options: JobChildOptions) {
    this.#process = child;
    this.done = new Promise((resolve, reject) => {
      let last: JobReply | undefined;
      child.on('message', (reply: JobReply) => {
        if (reply.kind === 'share') options.onShare(reply.share);
        else last = reply;
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        if (last?.kind === 'failed') {
          reject(new TrainerError(last.code as TrainerErrorCode, last.message));
        } else if (last) {
          resolve(last.kind === 'finished');
        } else {
          reject(
            new TrainerError(
              'job-crashed',
              `The process of ${task.job.name} ended by itself (${signal ?? `exit code ${code}`}), ` +
                `perhaps for want of memory. What it printed: ${join(task.folder, LOG_FILE)}`,
            ),
          );
        }
      });
    });
  }

  static async start(task: JobTask, options: JobChildOptions): Promise<JobChild> {
    await mkdir(task.folder, { recursive: true });
    const log = await open(join(task.folder, LOG_FILE), 'a');
    try {
      const entry = new URL('./job-process.js', import.meta.url);
      const child = fork(entry, options.command, {
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
      });
      const started = new JobChild(task, child, options);
      started.#send({ kind: 'start', task });
      started.#stopOn(options.signal);
      return started;
    } finally {
      await log.close();
    }
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #stopOn(signal: AbortSignal): void {
    const stop = (): void => {
      this.#send({ kind: 'stop' });
    };
    signal.addEventListener('abort', stop);
    this.#process.on('exit', () => {
      signal.removeEventListener('abort', stop);
    });
    if (signal.aborted) stop(); // while the process was started
  }

  #send(request: JobRequest): void {
    // A process that has ended meanwhile says so by `done`.
    if (this.#process.connected) this.#process.send(request, () => undefined);
  }
}
