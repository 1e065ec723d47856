import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASSET_HASHES } from '../../packages/sdk/src/asset-files.ts';
import { copyAssets, copyLicences } from '../copy-assets.mjs';

describe('the assets of the SDK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-assets-'));
  const at = (/** @type {string} */ path) => join(folder, path);
  beforeAll(() => copyAssets(folder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    'mediapipe/vision_wasm_module_internal.wasm',
    'tfjs-wasm/tfjs-backend-wasm-simd.wasm',
    'tfjs-wasm/tfjs-backend-wasm-threaded-simd.wasm',
    'face-detector/blaze_face_short_range.tflite',
  ])('hold %s', (path) => {
    expect(statSync(at(path)).size).toBeGreaterThan(1000);
  });

  it('are, besides the models, those whose hashes the SDK knows', () => {
    const files = ['face-detector', 'mediapipe', 'tfjs-wasm'].flatMap((name) =>
      readdirSync(at(name)).map((file) => join(name, file)),
    );
    const hashes = files.map((path) => {
      const content = readFileSync(at(path));
      return [basename(path), createHash('sha256').update(content).digest('hex')];
    });
    expect(Object.fromEntries(hashes)).toEqual(ASSET_HASHES);
  });

  it('are copied once', async () => {
    expect((await copyAssets(folder)).copied).toBe(0);
  });

  it('are mended where one was changed, and rid of what does not belong to them', async () => {
    const wasm = at('tfjs-wasm/tfjs-backend-wasm-simd.wasm');
    const { size } = statSync(wasm);
    writeFileSync(wasm, 'cut short');
    writeFileSync(at('mediapipe/old.js'), 'of an older version');
    await copyAssets(folder);
    expect(readFileSync(wasm).byteLength).toBe(size);
    expect(existsSync(at('mediapipe/old.js'))).toBe(false);
  });
});

describe('the licences beside a bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-licences-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are ours, the notice and every text that the notice names', async () => {
    await copyLicences(folder);
    expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toMatch(/^MIT License/);
    const notice = readFileSync(join(folder, 'NOTICE'), 'utf8');
    const texts = notice.match(/[\w.-]+\.txt/g);
    expect(texts?.length).toBeGreaterThan(0);
    for (const name of texts) {
      expect(statSync(join(folder, 'LICENSES', name)).size).toBeGreaterThan(1000);
    }
  });
});
