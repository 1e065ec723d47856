import { Redis } from 'ioredis';
import { TrainerError, type TrainerErrorCode } from '../errors.js';
import type { TrainingJob } from './training-job.js';

/** The queue's name on the Redis server. */
export const QUEUE_NAME = 'emotion-cam-trainer';

/** What a worker gets. */
export interface QueuedJob {
  /** The experiment's folder in the storage. */
  readonly experiment: string;
  readonly job: TrainingJob;
  /** Of the code that handed the job in ({@link codeVersion}). */
  readonly version: string;
  /** Words of the command line, without folders, for the record of the run. */
  readonly command: readonly string[];
}

const CONNECT_TIMEOUT_MS = 10_000;

/** A connection that was there once comes back; longest pause between two tries. */
const LONGEST_PAUSE_MS = 5000;

/**
 * Connects to the Redis server of a queue.
 *
 * @param url - `redis://[user:password@]host[:port][/database]`, or `rediss://` with TLS
 * @throws {TrainerError} `queue-unreachable` where nobody answers at once
 */
export async function connectRedis(url: string): Promise<Redis> {
  if (!/^rediss?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new TrainerError(
      'argument-invalid',
      `--queue is "${url}". It must be redis://<host>[:<port>].`,
    );
  }
  let isConnected = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: null, // BullMQ wants it so: a blocked worker waits for the server
    retryStrategy: (times) => (isConnected ? Math.min(times * 500, LONGEST_PAUSE_MS) : null),
  });
  let reason: Error | undefined;
  redis.on('error', (error: Error) => (reason = error));
  try {
    await redis.connect();
    await redis.ping();
    isConnected = true;
    return redis;
  } catch (cause) {
    redis.disconnect();
    const { host } = new URL(url);
    throw new TrainerError(
      'queue-unreachable',
      `No Redis server answers at ${host}: ${(reason ?? (cause as Error)).message}. Start one ` +
        '(Debian: apt-get install redis-server), or check --queue.',
      { cause },
    );
  }
}

/** An error as a queue keeps it: one line of text. */
export function asReason({ code, message }: TrainerError): string {
  return `${code}: ${message}`;
}

/** The error of a failed job; BullMQ's own reasons have no code. */
export function errorOfReason(reason: string): TrainerError {
  const [, code, message] = /^([a-z]+-[a-z-]+|internal): (.*)$/s.exec(reason) ?? [];
  if (code === undefined || message === undefined) return new TrainerError('job-crashed', reason);
  return new TrainerError(code as TrainerErrorCode, message);
}
