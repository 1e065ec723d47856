import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue, type Job } from 'bullmq';
import { RESULT_FILES } from '../results.js';
import { writeWholeFile } from '../write-json.js';
import { codeVersion } from './code-version.js';
import type { Experiment } from './experiment.js';
import type { JobTask } from './job-messages.js';
import { MOST_ATTEMPTS, type JobWatch } from './job-watch.js';
import { connectRedis, errorOfReason, QUEUE_NAME, type QueuedJob } from './queue.js';
import { openStorage, type Storage, type StorageLocation } from './storage.js';

const POLL_MS = 1000;

export interface RunQueuedOptions {
  readonly queue: string;
  readonly storage: StorageLocation;
  /** What an experiment of the same jobs left in the queue and in the storage goes. */
  readonly overwrite: boolean;
  readonly command: readonly string[];
  readonly signal: AbortSignal;
  readonly watch: JobWatch;
}

/** What is handed in at the queue, and where its results appear. */
class Submission {
  readonly #queue: Queue<QueuedJob>;
  readonly #storage: Storage;
  readonly #experiment: string;
  readonly #common: Pick<QueuedJob, 'version' | 'command'>;

  constructor(
    queue: Queue<QueuedJob>,
    storage: Storage,
    experiment: string,
    common: Pick<QueuedJob, 'version' | 'command'>,
  ) {
    this.#queue = queue;
    this.#storage = storage;
    this.#experiment = experiment;
    this.#common = common;
  }

  #idOf({ job }: JobTask): string {
    return `${this.#experiment}.${job.name.replaceAll('/', '.')}`;
  }

  find(task: JobTask): Promise<Job<QueuedJob> | undefined> {
    return this.#queue.getJob(this.#idOf(task));
  }

  async submit(task: JobTask): Promise<void> {
    const { job } = task;
    const data = { experiment: this.#experiment, job, ...this.#common };
    await this.#queue.add(job.name, data, { jobId: this.#idOf(task), attempts: MOST_ATTEMPTS });
  }

  /** Copies a finished job's results into its folder; false where there are none yet. */
  async collect({ job, folder }: JobTask): Promise<boolean> {
    const key = `${this.#experiment}/${job.name}`;
    const metrics = await this.#storage.read(`${key}/${RESULT_FILES.metrics}`);
    const predictions = await this.#storage.read(`${key}/${RESULT_FILES.predictions}`);
    if (!metrics || !predictions) return false;
    await writeWholeFile(join(folder, RESULT_FILES.predictions), predictions);
    await writeWholeFile(join(folder, RESULT_FILES.metrics), metrics);
    return true;
  }

  /** Removes everything of this experiment. */
  async clear(tasks: readonly JobTask[]): Promise<void> {
    for (const task of tasks) await (await this.find(task))?.remove();
    for (const key of await this.#storage.list(`${this.#experiment}/`)) {
      await this.#storage.remove(key);
    }
  }
}

/** The experiment's folder in a storage: its name, and a hash of what it is. */
function storageKey({ name, jobs }: Experiment): string {
  const hash = createHash('sha256').update(JSON.stringify(jobs)).digest('hex');
  return `${name}-${hash.slice(0, 8)}`;
}

/**
 * Hands jobs to workers on other machines and waits for their results. Stopped by the signal, the
 * jobs go on; the same experiment later finds them, finished or not.
 *
 * @throws {TrainerError} `queue-unreachable`, `storage-failed`
 */
export async function runQueued(
  experiment: Experiment,
  tasks: readonly JobTask[],
  options: RunQueuedOptions,
): Promise<void> {
  const { command, watch, signal, overwrite } = options;
  const storage = await openStorage(options.storage);
  const redis = await connectRedis(options.queue);
  const queue = new Queue<QueuedJob>(QUEUE_NAME, { connection: redis });
  queue.on('error', () => undefined); // the connection comes back; a call that fails says so
  try {
    const key = storageKey(experiment);
    const version = await codeVersion();
    const submission = new Submission(queue, storage, key, { version, command });
    if (overwrite) await submission.clear(tasks);
    for (const [name, path] of experiment.inits) {
      if (!(await storage.read(`${key}/${name}`))) {
        await storage.write(`${key}/${name}`, await readFile(path));
      }
    }
    const waiting = new Set<JobTask>();
    for (const task of tasks) {
      if (await submission.collect(task)) {
        watch.finished(task.job.name);
        continue;
      }
      const job = await submission.find(task);
      // One that failed before, or whose results are gone, is asked for again.
      if (job && ['failed', 'completed'].includes(await job.getState())) await job.remove();
      await submission.submit(task);
      waiting.add(task);
    }
    await follow(queue, submission, waiting, { ...options, url: options.queue });
    if (signal.aborted && waiting.size > 0) {
      watch.note(
        `${waiting.size} job(s) stay in the queue and go on. The same command collects their results.`,
      );
    }
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

/** Watches jobs until the last one has finished or failed, or the signal comes. */
async function follow(
  queue: Queue<QueuedJob>,
  submission: Submission,
  waiting: Set<JobTask>,
  { watch, signal, url }: Pick<RunQueuedOptions, 'watch' | 'signal'> & { readonly url: string },
): Promise<void> {
  let isAlone = false;
  while (waiting.size > 0 && !signal.aborted) {
    const workers = await queue.getWorkersCount();
    if (workers === 0 && !isAlone) {
      watch.note(
        `No worker takes jobs from ${new URL(url).host}. Start some: npm run trainer -- work ` +
          '--queue … --storage … --root …',
      );
    }
    isAlone = workers === 0;
    for (const task of [...waiting]) {
      const { name } = task.job;
      const job = await submission.find(task);
      const state = job ? await job.getState() : 'unknown';
      if (job && state === 'failed') {
        watch.failed(name, errorOfReason(job.failedReason));
        waiting.delete(task);
      } else if (state === 'completed' || state === 'unknown') {
        if (await submission.collect(task)) {
          watch.finished(name);
          waiting.delete(task);
        } else if (state === 'completed') {
          watch.failed(name, errorOfReason('It has finished, but the storage has no results.'));
          waiting.delete(task);
        } else {
          await submission.submit(task); // the server has lost its memory
        }
      } else if (job && typeof job.progress === 'number') {
        watch.share(name, job.progress);
      }
    }
    if (waiting.size > 0) await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
