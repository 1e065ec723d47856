import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeUsed } from '../../src/export/compute-used.js';

/** A folder of runs with so many seconds for each epoch. */
function record(runs: Readonly<Record<string, readonly number[]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  for (const [name, epochs] of Object.entries(runs)) {
    mkdirSync(join(folder, name));
    const lines = epochs.map((seconds, epoch) => `${JSON.stringify({ epoch, seconds })}\n`);
    writeFileSync(join(folder, name, 'log.jsonl'), lines.join(''));
  }
  return folder;
}

describe('computeUsed', () => {
  it('adds up the epochs of all runs, in the order of their names', () => {
    const folder = record({ '2-b': [3600], '1-a': [600, 1200] });
    expect(computeUsed(folder)).toBe(
      'Compute: 30 + 60 minutes in 2 run(s), 1.5 hours together, validation and other work on the ' +
        `machine included.\nTheir configurations, epochs and reports, to make it again: \`${folder}\`.`,
    );
  });

  it('refuses a folder without runs', () => {
    expect(() => computeUsed(record({}))).toThrow('There is no run in');
    expect(() => computeUsed('/nowhere')).toThrow('Expected folders with the log.jsonl');
  });
});
