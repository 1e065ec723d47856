import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptState } from '../../src/jobs/kept-state.js';
import { openStorage, type Storage } from '../../src/jobs/storage.js';
import { temporaryFolder } from '../support/image-folders.js';
import { startS3, type S3Server } from '../support/s3-server.js';
import { trainerError } from '../support/trainer-error.js';

let s3: S3Server;

beforeAll(async () => {
  s3 = await startS3('bucket');
});
afterAll(() => s3.stop());
beforeEach(() => {
  s3.objects.clear();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test-key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test-secret');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const inFolder = async (): Promise<Storage> => openStorage({ url: await temporaryFolder() });
const inBucket = (): Promise<Storage> =>
  openStorage({ url: 's3://bucket/some/prefix', s3Endpoint: s3.endpoint });

describe.each([
  ['a folder', inFolder],
  ['a bucket', inBucket],
])('%s as a storage', (_, open) => {
  it('gives back what was written, and nothing for what was not', async () => {
    const storage = await open();
    expect(await storage.read('a/b.bin')).toBeUndefined();
    await storage.write('a/b.bin', Buffer.from([1, 2, 3]));
    await storage.write('a/b.bin', Buffer.from([4, 5]));
    expect([...(await storage.read('a/b.bin'))!]).toEqual([4, 5]);
    await storage.remove('a/b.bin');
    await storage.remove('a/b.bin');
    expect(await storage.read('a/b.bin')).toBeUndefined();
  });

  it('lists what begins with a prefix, however much it is', async () => {
    const storage = await open();
    for (const key of ['x/1', 'x/2', 'x/y/3', 'x/y/4', 'x/y/5', 'xy/6']) {
      await storage.write(key, Buffer.from('-'));
    }
    expect(await storage.list('x/')).toEqual(['x/1', 'x/2', 'x/y/3', 'x/y/4', 'x/y/5']);
    expect(await storage.list('none/')).toEqual([]);
  });
});

describe('a bucket', () => {
  it('holds everything below the prefix', async () => {
    await (await inBucket()).write('a', Buffer.from('-'));
    expect([...s3.objects.keys()]).toEqual(['some/prefix/a']);
  });

  it('is found where the environment says', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.endpoint);
    await (await openStorage({ url: 's3://bucket' })).write('a', Buffer.from('-'));
    expect([...s3.objects.keys()]).toEqual(['a']);
  });

  it('that is not there, or not ours, is named with what to check', async () => {
    const other = await trainerError(openStorage({ url: 's3://other/x', s3Endpoint: s3.endpoint }));
    expect(other.code).toBe('storage-failed');
    expect(other.message).toMatch(/s3:\/\/other\/x cannot be written .*NoSuchBucket/);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'wrong-key');
    const denied = await trainerError(inBucket());
    expect(denied.message).toMatch(/InvalidAccessKeyId.* AWS_ACCESS_KEY_ID/);
  });
});

it('a storage that cannot be written is refused at once', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, 'no folder');
  const error = await trainerError(openStorage({ url: join(file, 'below') }));
  expect(error.code).toBe('storage-failed');
  expect(error.message).toContain('write access');
  const unknown = await trainerError(openStorage({ url: 'ftp://host/x' }));
  expect(unknown.code).toBe('argument-invalid');
});

/** A folder with the given files. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

async function contentOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
}

describe('the state of a job', () => {
  it('comes back as it was stored, without what was being written or is old', async () => {
    const state = new KeptState(await inFolder(), 'x/fold-1');
    const files = { 'last.ckpt': 'weights 1', 'log.jsonl': 'epoch 1' };
    await state.store(
      await folderWith({
        ...files,
        'last.ckpt.writing': 'half',
        'previous-1.ckpt': 'weights 0',
      }),
    );
    const there = join(await temporaryFolder(), 'new');
    await state.fetch(there);
    expect(await contentOf(there)).toEqual(files);
  });

  it('is the last whole one where storing broke off', async () => {
    const storage = await inFolder();
    const state = new KeptState(storage, 'x');
    await state.store(await folderWith({ 'best.ckpt': 'best 1', 'last.ckpt': 'last 1' }));
    let writes = 0;
    const breaking: Storage = {
      ...storage,
      write: (key, bytes) => {
        writes += 1;
        return writes > 1 ? Promise.reject(new Error('unplugged')) : storage.write(key, bytes);
      },
    };
    const next = await folderWith({ 'best.ckpt': 'best 2', 'last.ckpt': 'last 2' });
    await expect(new KeptState(breaking, 'x').store(next)).rejects.toThrow('unplugged');
    const there = await temporaryFolder();
    await state.fetch(there);
    expect(await contentOf(there)).toEqual({ 'best.ckpt': 'best 1', 'last.ckpt': 'last 1' });
  });

  it('keeps no block that it no longer names, and writes none twice', async () => {
    const storage = await inFolder();
    const state = new KeptState(storage, 'x');
    for (const last of ['1', '2', '3']) {
      await state.store(await folderWith({ 'best.ckpt': 'best', 'last.ckpt': last }));
    }
    expect(await storage.list('x/blocks/')).toHaveLength(2);
  });

  it('that is not all there is begun anew', async () => {
    const storage = await inFolder();
    const state = new KeptState(storage, 'x');
    await state.store(await folderWith({ 'best.ckpt': 'best', 'last.ckpt': 'last' }));
    await storage.remove((await storage.list('x/blocks/'))[0]!);
    const there = await temporaryFolder();
    await state.fetch(there);
    expect(await contentOf(there)).toEqual({});
  });

  it('gives way to the plain files of the finished run', async () => {
    const storage = await inFolder();
    const state = new KeptState(storage, 'x');
    const folder = await folderWith({ 'best.ckpt': 'best', 'last.ckpt': 'last' });
    await state.store(folder);
    await rm(join(folder, 'last.ckpt'));
    await writeFile(join(folder, 'metrics.json'), '{}');
    await mkdir(join(folder, 'inner'));
    expect(await state.isFinished()).toBe(false);
    await state.finish(folder);
    expect(await state.isFinished()).toBe(true);
    expect(await storage.list('x/')).toEqual(['x/best.ckpt', 'x/metrics.json']);
  });
});
