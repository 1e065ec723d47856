import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyAssets, copyLicences } from '../copy-assets.mjs';

describe('the assets of the SDK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-assets-'));
  const at = (/** @type {string} */ path) => join(folder, path);
  beforeAll(() => copyAssets(folder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    'mediapipe/vision_wasm_internal.js',
    'mediapipe/vision_wasm_internal.wasm',
    'mediapipe/vision_wasm_nosimd_internal.wasm',
    'mediapipe/vision_wasm_module_internal.js',
    'tfjs-wasm/tfjs-backend-wasm.wasm',
    'tfjs-wasm/tfjs-backend-wasm-simd.wasm',
    'tfjs-wasm/tfjs-backend-wasm-threaded-simd.wasm',
    'face-detector/blaze_face_short_range.tflite',
  ])('hold %s', (path) => {
    expect(statSync(at(path)).size).toBeGreaterThan(1000);
  });

  it('are copied once', async () => {
    expect((await copyAssets(folder)).copied).toBe(0);
  });

  it('are mended where one was changed, and rid of what does not belong to them', async () => {
    const wasm = at('tfjs-wasm/tfjs-backend-wasm.wasm');
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
