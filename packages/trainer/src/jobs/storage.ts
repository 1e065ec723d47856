import { FolderStorage } from './folder-storage.js';
import { TrainerError } from '../errors.js';

/** Where the state of jobs is kept for all machines that take part. */
export interface StorageLocation {
  /** A folder that all of them see, or `s3://bucket/prefix`. */
  readonly url: string;
  /** An S3-compatible server other than Amazon's; also AWS_ENDPOINT_URL_S3. */
  readonly s3Endpoint?: string;
}

/** Named blocks of bytes. A write is seen whole or not at all. */
export interface Storage {
  /** Undefined where there is none of this name. */
  read(key: string): Promise<Buffer | undefined>;
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Does nothing where there is none of this name. */
  remove(key: string): Promise<void>;
  /** The names that begin with the prefix. */
  list(prefix: string): Promise<string[]>;
}

const PROBE = '.writable';

/**
 * Opens a storage and makes sure that it can be written.
 *
 * @throws {TrainerError} `storage-failed`, `argument-invalid`
 */
export async function openStorage({ url, s3Endpoint }: StorageLocation): Promise<Storage> {
  const storage = reporting(url, await createStorage(url, s3Endpoint));
  const probe = `${PROBE}-${process.pid}`;
  await storage.write(probe, Buffer.from('emotion-cam'));
  await storage.remove(probe);
  return storage;
}

async function createStorage(url: string, s3Endpoint: string | undefined): Promise<Storage> {
  const bucket = /^s3:\/\/([^/]+)(?:\/(.*?))?\/?$/.exec(url);
  if (bucket) {
    // Loaded only here: the client is large, and warns of old versions of Node.
    const { S3Storage } = await import('./s3-storage.js');
    return new S3Storage({ bucket: bucket[1]!, prefix: bucket[2] ?? '', s3Endpoint });
  }
  if (/^[a-z0-9+]+:/i.test(url)) {
    throw new TrainerError(
      'argument-invalid',
      `--storage is "${url}". It must be a folder or s3://<bucket>/<prefix>.`,
    );
  }
  return new FolderStorage(url);
}

/** Tells which storage failed, and what to look at. */
function reporting(url: string, storage: Storage): Storage {
  const guard = async <T>(what: string, action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (cause) {
      const { name, message } = cause as Error;
      throw new TrainerError(
        'storage-failed',
        `The storage ${url} cannot ${what}: ${[name, message].filter(Boolean).join(': ')}. ` +
          (url.startsWith('s3:')
            ? 'Check the bucket, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and --s3-endpoint.'
            : 'Every machine needs write access to the same folder.'),
        { cause },
      );
    }
  };
  return {
    read: (key) => guard(`read ${key}`, storage.read(key)),
    write: (key, bytes) => guard(`be written (${key})`, storage.write(key, bytes)),
    remove: (key) => guard(`remove ${key}`, storage.remove(key)),
    list: (prefix) => guard(`list ${prefix}`, storage.list(prefix)),
  };
}
