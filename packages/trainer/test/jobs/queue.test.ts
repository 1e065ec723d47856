import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { asReason, connectRedis, errorOfReason, QUEUE_NAME } from '../../src/jobs/queue.js';
import { TrainerError } from '../../src/errors.js';
import { resultsOf, tinyOptions, Trainer, writeTinyExperiment } from '../support/experiments.js';
import { freePort, startRedis, type RedisServer } from '../support/redis.js';
import { startS3 } from '../support/s3-server.js';
import { trainerError } from '../support/trainer-error.js';

const TIMEOUT_MS = 240_000;

let folder: string;
let redis: RedisServer;
const trainers: Trainer[] = [];

function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Trainer {
  const started = new Trainer(folder, words, env);
  trainers.push(started);
  return started;
}

const submit = (name: string, ...more: readonly string[]): string[] => [
  'cross-validate',
  ...tinyOptions(folder),
  ...['--name', name, ...more],
];
/** One job at a time; given up after two seconds. */
const worker = (...more: readonly string[]): string[] => [
  ...['work', '--queue', redis.url, '--jobs', '1', '--lock-seconds', '2'],
  ...['--root', `raf-db=${folder}`, ...more],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-queue-'));
  [redis] = await Promise.all([startRedis(), writeTinyExperiment(folder)]);
  const whole = start(submit('whole'));
  expect(await whole.end(), whole.output).toBe(0);
}, TIMEOUT_MS);

afterEach(() => {
  for (const { process } of trainers.splice(0)) process.kill('SIGKILL');
});
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (name: string): string => join(folder, 'runs', name);

/** The experiment's only folder in a storage. */
async function keptIn(storage: string): Promise<string> {
  const names = await readdir(storage);
  expect(names).toHaveLength(1);
  return join(storage, names[0]!);
}

describe('jobs handed to workers', () => {
  it(
    'are taken over where a worker is killed in the middle, and give the table of one process',
    async () => {
      const storage = join(folder, 'shared');
      const place = ['--queue', redis.url, '--storage', storage];
      const submitter = start(submit('queued', ...place));
      await submitter.says(/No worker takes jobs/);
      const first = start(worker('--storage', storage));
      const [, job] = await first.says(/\/(fold-\d): begins/);
      // It has trained at least one epoch, and is in the middle.
      await vi.waitUntil(() => isKept(storage, job!), {
        timeout: TIMEOUT_MS,
      });
      await first.kill('SIGKILL');
      expect(first.output).not.toContain(`${job!}: done`);
      const second = start(worker('--storage', storage));
      await second.says(/its worker is gone; it goes on here or elsewhere/);
      expect(await submitter.end(), submitter.output).toBe(0);
      expect(await resultsOf(run('queued'))).toEqual(await resultsOf(run('whole')));

      // It went on where the first one was: its log has both beginnings, and no epoch twice.
      const log = await readFile(join(await keptIn(storage), job!, 'job.log'), 'utf8');
      expect(log.split(/^stage 1 epoch 1:/m).length - 1).toBeLessThanOrEqual(1);
      expect(log.match(/^Stage 1\/1/gm)).toHaveLength(2);

      // Asked for again, there is nothing to do.
      await rm(run('queued'), { recursive: true });
      const again = start(submit('queued', ...place));
      expect(await again.end(), again.output).toBe(0);
      expect(await resultsOf(run('queued'))).toEqual(await resultsOf(run('whole')));

      await second.kill('SIGTERM');
      expect(second.process.exitCode, second.output).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'start from the weights of --init and leave their results in a bucket',
    async () => {
      const s3 = await startS3('bucket');
      try {
        const env = { AWS_ACCESS_KEY_ID: 'test-key', AWS_SECRET_ACCESS_KEY: 'test-secret' };
        const storage = ['--storage', 's3://bucket/ours', '--s3-endpoint', s3.endpoint];
        const init = ['--init', join(run('whole'), 'fold-1', 'best.ckpt')];
        start(worker(...storage), env);
        const queued = start(submit('in-s3', ...init, '--queue', redis.url, ...storage), env);
        expect(await queued.end(), queued.output).toBe(0);
        expect(existsSync(join(run('in-s3'), 'metrics.json'))).toBe(true);
        const objects = [...s3.objects].map(
          ([key, bytes]) => [key.replace(/^ours\/in-s3-\w+\//, ''), bytes] as const,
        );
        const logs = objects.filter(([key]) => key.endsWith('/job.log'));
        expect(logs).toHaveLength(3);
        for (const [, log] of logs) expect(log.toString()).toMatch(/from \S+best\.ckpt \(/);
        const keys = objects.map(([key]) => key);
        for (const name of ['best.ckpt', 'log.jsonl', 'metrics.json', 'predictions.json']) {
          expect(keys).toContain(`fold-3/${name}`);
        }
        expect(keys.filter((key) => key.includes('/blocks/'))).toEqual([]);
      } finally {
        await s3.stop();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'that fail are named, and run again when they are handed in again',
    async () => {
      const storage = join(folder, 'failing');
      const work = start(worker('--storage', storage));
      const place = ['--queue', redis.url, '--storage', storage, '--workers', '12'];
      for (const attempt of ['first', 'second']) {
        const failing = start(submit('failing', ...place));
        expect(await failing.end(), attempt).toBe(1);
        expect(failing.output).toContain('job-failed: 3 of 3 jobs failed');
        expect(failing.output).toContain('Use --workers 9 or fewer');
      }
      expect(work.output.match(/fold-1: begins/g)).toHaveLength(2);
    },
    TIMEOUT_MS,
  );
});

describe('a worker that cannot do a job', () => {
  it(
    'puts it back and ends: without the data set, or of another version',
    async () => {
      const storage = join(folder, 'unfit');
      const submitter = start(submit('unfit', '--queue', redis.url, '--storage', storage));
      await submitter.says(/No worker takes jobs/);
      const rootless = start([
        ...['work', '--queue', redis.url, '--storage', storage, '--jobs', '1'],
      ]);
      expect(await rootless.end()).toBe(1);
      expect(rootless.output).toContain('dataset-missing: A job needs raf-db.');
      expect(rootless.output).toContain('--root raf-db=<folder>');
      await submitter.kill('SIGINT');
      expect(submitter.process.exitCode, submitter.output).toBe(130);
      expect(submitter.output).toContain('3 job(s) stay in the queue');

      const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
      const queue = new Queue(QUEUE_NAME, { connection });
      const jobs = await queue.getJobs(['waiting', 'prioritized']);
      expect(jobs).toHaveLength(3);
      for (const job of jobs) await job.updateData({ ...(job.data as object), version: 'other' });
      const outdated = start(worker('--storage', storage));
      expect(await outdated.end()).toBe(1);
      expect(outdated.output).toContain('job-version: A job was handed in by version other');
      expect((await queue.getJobCounts('waiting'))['waiting']).toBe(3);
      await queue.obliterate({ force: true });
      await queue.close();
      connection.disconnect();
    },
    TIMEOUT_MS,
  );

  it('says what it cannot reach', async () => {
    const port = await freePort();
    const nobody = await trainerError(connectRedis(`redis://127.0.0.1:${port}`));
    expect(nobody.code).toBe('queue-unreachable');
    expect(nobody.message).toMatch(/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    const web = await trainerError(connectRedis('http://127.0.0.1'));
    expect(web.code).toBe('argument-invalid');
  });
});

it('an error survives the queue, and a reason of the queue itself is a crash', () => {
  const error = new TrainerError('training-diverged', 'The loss: no number.');
  expect(errorOfReason(asReason(error))).toEqual(error);
  expect(errorOfReason('job stalled more than allowable limit')).toMatchObject({
    code: 'job-crashed',
    message: 'job stalled more than allowable limit',
  });
});

/** Whether a storage has a state of a job to go on from. */
function isKept(storage: string, job: string): boolean {
  if (!existsSync(storage)) return false;
  return readdirSync(storage).some((name) => existsSync(join(storage, name, job, 'state.json')));
}
