import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Storage } from './storage.js';

export interface S3Options {
  readonly bucket: string;
  /** Without slashes at its ends. */
  readonly prefix: string;
  readonly s3Endpoint: string | undefined;
}

/** A bucket. Keys and region are found where the usual client looks: environment, profile, machine. */
export class S3Storage implements Storage {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor({ bucket, prefix, s3Endpoint }: S3Options) {
    const endpoint = s3Endpoint ?? process.env['AWS_ENDPOINT_URL_S3'];
    this.#client = new S3Client({
      ...(endpoint !== undefined && {
        endpoint,
        // Other servers seldom have a host name for each bucket.
        forcePathStyle: true,
        region: process.env['AWS_REGION'] ?? 'us-east-1',
      }),
      // Checksums in trailers, the default, are not understood by all of them.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
  }

  async read(key: string): Promise<Buffer | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#object(key)));
      return Body && Buffer.from(await Body.transformToByteArray());
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ ...this.#object(key), Body: bytes }));
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#object(key)));
  }

  async list(prefix: string): Promise<string[]> {
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: this.#prefix + prefix },
    );
    const keys: string[] = [];
    for await (const { Contents = [] } of pages) {
      for (const { Key } of Contents) if (Key) keys.push(Key.slice(this.#prefix.length));
    }
    return keys.sort();
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }
}
