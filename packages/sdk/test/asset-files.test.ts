import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ASSET_HASHES, loadAsset } from '../src/asset-files.js';
import { rejectionOf } from './support/failure.js';

const FILE = 'tfjs-backend-wasm-simd.wasm';
const PATH = createRequire(import.meta.url).resolve(`@tensorflow/tfjs-backend-wasm/dist/${FILE}`);
const read = (): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(PATH));

/** Loads the file from a server that has this in its place. */
function load(content: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<Uint8Array> {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(content)));
  return loadAsset(FILE, new URL(`https://page.example/${FILE}`), signal);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the files of this version', () => {
  it('are given as they are', async () => {
    expect(Buffer.compare(await load(read()), read())).toBe(0);
  });

  it('are refused with one bit changed, with both hashes and what to do', async () => {
    const content = read();
    content[1000]! ^= 1;
    const error = await rejectionOf(load(content));
    expect(error.code).toBe('asset-hash');
    expect(error.message).toContain(ASSET_HASHES[FILE]);
    expect(error.message).toContain(createHash('sha256').update(content).digest('hex'));
    expect(error.message).toMatch(/copy the package's assets/);
  });

  it('are taken as they come where no hash can be computed, on insecure pages', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    vi.stubGlobal('crypto', {});
    expect(await load(Uint8Array.of(1, 2))).toHaveLength(2);
    expect(warn).toHaveBeenCalledOnce();
  });
});
