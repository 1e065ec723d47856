import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { jsonReporter } from '../lib/wtr-json-reporter.mjs';

describe('the counts of the browser tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-reporter-'));
  const file = join(folder, 'counts.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  /** @param {readonly object[]} sessions */
  function countsOf(sessions) {
    vi.stubEnv('EMOTION_CAM_RESULTS', file);
    jsonReporter().onTestRunFinished({ sessions });
    vi.unstubAllEnvs();
    return JSON.parse(readFileSync(file, 'utf8'));
  }

  it('hold the tests of nested suites, without skipped ones', () => {
    const inner = { tests: [{ passed: false }, { passed: true }], suites: [] };
    const tests = [{ passed: true }, { passed: true, skipped: true }];
    const session = { passed: false, testResults: { tests, suites: [inner] } };
    expect(countsOf([session])).toEqual({ passed: 2, failed: 1 });
  });

  it('count a file that could not be loaded as one failure', () => {
    expect(countsOf([{ passed: false, testResults: undefined }])).toEqual({ passed: 0, failed: 1 });
  });
});
