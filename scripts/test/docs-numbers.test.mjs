import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../lib/run.mjs';

describe('the numbers in the README', () => {
  it('are those of the committed result files', () => {
    const run = spawnSync(process.execPath, [`${ROOT}scripts/docs-numbers.mjs`, '--check'], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
  });
});
