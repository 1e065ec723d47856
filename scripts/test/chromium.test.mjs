import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { findChromium } from '../lib/chromium.mjs';

describe('looking for Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-chromium-'));
  /** Like Ubuntu's chromium-browser where its snap is not installed. */
  const stub = join(folder, 'chromium-browser');
  writeFileSync(stub, '#!/bin/sh\necho "requires the chromium snap" >&2\nexit 1\n');
  chmodSync(stub, 0o755);
  const text = join(folder, 'chromium.txt');
  writeFileSync(text, 'not a program');

  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes the executable that CHROME_PATH names', async () => {
    vi.stubEnv('CHROME_PATH', process.execPath);
    expect(await findChromium()).toBe(process.execPath);
  });

  it('says so when CHROME_PATH names nothing', async () => {
    vi.stubEnv('CHROME_PATH', '/nowhere/chrome');
    await expect(findChromium()).rejects.toThrow(
      /CHROME_PATH is \/nowhere\/chrome.*does not exist/,
    );
  });

  it.each([
    ['a stub', stub],
    ['a text', text],
  ])('says so when CHROME_PATH names %s, which does not start', async (_, path) => {
    vi.stubEnv('CHROME_PATH', path);
    await expect(findChromium()).rejects.toThrow(/CHROME_PATH is .*does not start/);
  });

  it('passes over what does not start', async () => {
    vi.stubEnv('CHROME_PATH', '');
    const places = [join(folder, 'nothing'), stub, text, process.execPath];
    expect(await findChromium(places)).toBe(process.execPath);
  });
});
