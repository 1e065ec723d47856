import { TrainerError } from '../errors.js';
import { Reporter } from '../reporter.js';
import type { JobReply, JobRequest, JobTask } from './job-messages.js';
import { KeptState } from './kept-state.js';
import { runJob } from './run-job.js';
import { openStorage } from './storage.js';

/**
 * The process of one job. It is apart from the one that hands jobs out, so that a crash or a long
 * step of training never keeps that one from its own work: other jobs, and the lock on this one.
 */

/** Shares are sent this often at most. */
const SHARE_INTERVAL_MS = 500;

const controller = new AbortController();

function send(reply: JobReply): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send) throw new Error('job-process.js is started by the trainer, not by itself.');
    process.send(reply, () => resolve());
  });
}

async function run({ job, folder, roots, init, storage }: JobTask): Promise<JobReply> {
  const kept = storage && new KeptState(await openStorage(storage), storage.key);
  if (await kept?.isFinished()) return { kind: 'finished' };
  await kept?.fetch(folder);
  let sentAt = 0;
  const isFinished = await runJob(job, {
    folder,
    init,
    roots,
    signal: controller.signal,
    reporter: new Reporter(),
    onShare: (share) => {
      if (Date.now() - sentAt < SHARE_INTERVAL_MS) return;
      sentAt = Date.now();
      void send({ kind: 'share', share });
    },
    ...(kept && { onSaved: () => kept.store(folder) }),
  });
  if (isFinished) await kept?.finish(folder);
  return { kind: isFinished ? 'finished' : 'stopped' };
}

function failure(error: unknown): JobReply {
  const code = error instanceof TrainerError ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? message) : message}\n`);
  return { kind: 'failed', code, message };
}

process.on('message', (request: JobRequest) => {
  if (request.kind === 'stop') {
    controller.abort();
    return;
  }
  void run(request.task)
    .catch(failure)
    .then(send)
    .then(() => process.exit());
});
// Ctrl-C on a terminal reaches this process too; its parent decides what becomes of it.
process.on('SIGINT', () => undefined);
// To a group of processes, or to this one alone: the state is saved in any case.
process.on('SIGTERM', () => controller.abort());
// The parent is gone, perhaps killed: whoever takes the job over must not meet this process at it.
process.on('disconnect', () => process.exit(1));
