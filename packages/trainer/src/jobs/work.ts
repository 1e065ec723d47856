import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import { datasetsOf } from '../config.js';
import type { DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import type { Reporter } from '../reporter.js';
import { codeVersion } from './code-version.js';
import { JobChild } from './job-child.js';
import { isWorthRetrying } from './job-watch.js';
import { asReason, connectRedis, QUEUE_NAME, type QueuedJob } from './queue.js';
import { openStorage, type Storage, type StorageLocation } from './storage.js';

/** How often a job may be left behind by a worker that died; then the job is to blame. */
const MOST_STALLS = 10;

/** Reasons that lie with this machine: another one can do the job. */
const UNFIT = [
  'job-version',
  'backend-unavailable',
  'dataset-missing',
  'dataset-changed',
  'model-missing', // the teacher
  'storage-failed',
];

export interface WorkOptions {
  /** `redis://host[:port]` */
  readonly queue: string;
  readonly storage: StorageLocation;
  readonly roots: Readonly<Partial<Record<DatasetName, string>>>;
  /** Jobs at the same time. */
  readonly concurrency: number;
  /** A worker that is not heard of for so long has lost its jobs to the others. */
  readonly lockSeconds: number;
  /** Stops: jobs save their state and go back to the queue. */
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/**
 * Takes jobs from the queue until it is told to stop.
 *
 * @throws {TrainerError} `queue-unreachable`, `storage-failed`; one of {@link UNFIT}
 *   where a job came that this machine cannot do: it goes back to the queue, and this worker takes
 *   no more
 */
export async function work(options: WorkOptions): Promise<void> {
  const { queue, concurrency, lockSeconds, signal, reporter } = options;
  const storage = await openStorage(options.storage);
  const connection = await connectRedis(queue);
  const version = await codeVersion();
  const children = new Map<string, JobChild>();
  let unfit: TrainerError | undefined;
  const stopping = new AbortController();

  const worker = new Worker<QueuedJob>(
    QUEUE_NAME,
    async (queued, token) => {
      const { name } = queued.data.job;
      const title = `${queued.data.experiment}/${name}`;
      const putBack = async (): Promise<never> => {
        await queued.moveToWait(token);
        throw new WaitingError();
      };
      try {
        requireFit(queued.data, version, options.roots);
        reporter.line(`${title}: begins`);
        const isFinished = await runChild(queued, storage, options, children, stopping.signal);
        if (!isFinished) {
          reporter.line(`${title}: goes back to the queue`);
          return await putBack();
        }
        reporter.line(`${title}: done`);
      } catch (error) {
        if (!(error instanceof TrainerError)) throw error;
        if (UNFIT.includes(error.code)) {
          unfit ??= error;
          stop();
          return await putBack();
        }
        reporter.line(`${title}: ${asReason(error)}`);
        if (isWorthRetrying(error.code)) throw new Error(asReason(error), { cause: error });
        throw new UnrecoverableError(asReason(error));
      }
    },
    {
      connection,
      concurrency,
      lockDuration: lockSeconds * 1000,
      stalledInterval: lockSeconds * 1000,
      maxStalledCount: MOST_STALLS,
    },
  );
  /** No further job; those under way save and go back. */
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    void worker.close();
  };
  worker.on('error', (error) => {
    reporter.line(`The queue: ${error.message}`);
  });
  worker.on('stalled', (id) => {
    reporter.line(`${id}: its worker is gone; it goes on here or elsewhere`);
  });
  // Another worker has them by now: two must not train the same run.
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) children.get(id)?.kill();
  });
  reporter.line(`Waiting for jobs, ${concurrency} at a time (version ${version}). Ctrl-C ends.`);
  signal.addEventListener('abort', stop);
  const closed = new Promise<void>((resolve) => worker.on('closed', resolve));
  if (signal.aborted) stop();
  await closed;
  connection.disconnect();
  if (unfit) throw unfit;
}

/** @throws {TrainerError} `job-version` or `dataset-missing` */
function requireFit({ job, version }: QueuedJob, own: string, roots: WorkOptions['roots']): void {
  if (version !== own) {
    throw new TrainerError(
      'job-version',
      `A job was handed in by version ${version} of the trainer; this is version ${own}. The ` +
        'numbers could differ. The job is back in the queue; bring both machines to the same ' +
        'commit and build.',
    );
  }
  const missing = datasetsOf(job.config.stages).filter((name) => roots[name] === undefined);
  if (missing.length === 0) return;
  throw new TrainerError(
    'dataset-missing',
    `A job needs ${missing.join(', ')}. The job is back in the queue; start this worker with ` +
      missing.map((name) => `--root ${name}=<folder>`).join(' ') +
      '.',
  );
}

/** Runs a job in a folder of its own, from the state that the storage has of it. */
async function runChild(
  queued: Job<QueuedJob>,
  storage: Storage,
  options: WorkOptions,
  children: Map<string, JobChild>,
  signal: AbortSignal,
): Promise<boolean> {
  const { experiment, job, command } = queued.data;
  const id = queued.id!;
  const scratch = await mkdtemp(join(tmpdir(), 'emotion-cam-job-'));
  try {
    const key = `${experiment}/${job.name}`;
    const task = {
      job,
      folder: join(scratch, 'run'),
      roots: options.roots,
      init: job.init === null ? undefined : await fetchInit(storage, experiment, job.init, scratch),
      storage: { ...options.storage, key },
    };
    const child = await JobChild.start(task, {
      command,
      onShare: (share) => {
        // Only what is shown; the job itself does not depend on it.
        queued.updateProgress(share).catch(() => undefined);
      },
      signal,
    });
    children.set(id, child);
    return await child.done;
  } finally {
    children.delete(id);
    await rm(scratch, { recursive: true, force: true });
  }
}

async function fetchInit(
  storage: Storage,
  experiment: string,
  name: string,
  folder: string,
): Promise<string> {
  const bytes = await storage.read(`${experiment}/${name}`);
  if (!bytes) {
    throw new TrainerError(
      'storage-failed',
      `The storage has no ${experiment}/${name}, which a job starts from. Does this worker have ` +
        'the same --storage as the command that handed the job in?',
    );
  }
  const path = join(folder, basename(name));
  await writeFile(path, bytes);
  return path;
}
