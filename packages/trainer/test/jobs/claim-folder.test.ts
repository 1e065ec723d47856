import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config.js';
import { foldJobs } from '../../src/jobs/cross-validation.js';
import { claimFolder, pendingTasks, type Experiment } from '../../src/jobs/experiment.js';
import { temporaryFolder, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

const FOLD = {
  dataset: 'raf-db',
  protocol: 'image',
  folds: 4,
  seed: 1,
  select: 'validation',
} as const;

function experimentIn(folder: string, seed = 1): Experiment {
  const common = { init: null, backend: 'wasm', workers: 1 } as const;
  const jobs = foldJobs(resolveConfig({ seed }), FOLD, common);
  return { name: 'x', folder, jobs, inits: new Map(), roots: {} };
}

describe('the folder of an experiment', () => {
  it('is taken again by the same experiment, which then has less to do', async () => {
    const experiment = experimentIn(join(await temporaryFolder(), 'runs', 'x'));
    await claimFolder(experiment, false);
    await writeText(join(experiment.folder, 'fold-2', 'metrics.json'), '{}');
    await claimFolder(experiment, false);
    expect(pendingTasks(experiment).map(({ job }) => job.name)).toEqual([
      'fold-1',
      'fold-3',
      'fold-4',
    ]);
  });

  it('is not taken by another one, unless that may overwrite it', async () => {
    const first = experimentIn(join(await temporaryFolder(), 'x'));
    await claimFolder(first, false);
    await writeText(join(first.folder, 'fold-2', 'metrics.json'), '{}');
    const second = experimentIn(first.folder, 2);
    const error = await trainerError(claimFolder(second, false));
    expect(error.code).toBe('checkpoint-config');
    expect(error.message).toContain('fold-1.config.seed is 1 there and 2 here');
    await claimFolder(second, true);
    expect(pendingTasks(second)).toHaveLength(4);
  });

  it('is never one that holds something else, not even to be overwritten', async () => {
    const folder = await temporaryFolder();
    await writeText(join(folder, 'best.ckpt'), 'weeks of work');
    const error = await trainerError(claimFolder(experimentIn(folder), true));
    expect(error.code).toBe('argument-invalid');
    expect(existsSync(join(folder, 'best.ckpt'))).toBe(true);
  });
});
