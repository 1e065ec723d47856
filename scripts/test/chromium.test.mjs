import { afterEach, describe, expect, it, vi } from 'vitest';
import { findChromium } from '../lib/chromium.mjs';

describe('looking for Chromium', () => {
  afterEach(() => vi.unstubAllEnvs());

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
});
