import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { differences } from '../checkpoint.js';
import { resolveConfig } from '../config.js';
import type { DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { writeJson } from '../write-json.js';
import type { JobTask } from './job-messages.js';
import { isFinished, type TrainingJob } from './training-job.js';

/** Jobs whose results make one table. */
export interface Experiment {
  readonly name: string;
  /** Where the jobs' folders and the table go. */
  readonly folder: string;
  readonly jobs: readonly TrainingJob[];
  /** Files of the checkpoints that jobs start from, by `TrainingJob.init`. */
  readonly inits: ReadonlyMap<string, string>;
  readonly roots: Readonly<Partial<Record<DatasetName, string>>>;
}

const PLAN_FILE = 'experiment.json';

/** Values that a message names. */
const NAMED_DIFFERENCES = 3;

/**
 * Takes the experiment's folder: a new one, or the one that the same experiment was begun in.
 *
 * @param overwrite - what another experiment left there goes
 * @throws {TrainerError} `checkpoint-config` naming what differs from the experiment that is there;
 *   `argument-invalid` where the folder is something else's
 */
export async function claimFolder(experiment: Experiment, overwrite: boolean): Promise<void> {
  const { folder, jobs } = experiment;
  const path = join(folder, PLAN_FILE);
  if (overwrite && existsSync(path)) await rm(folder, { recursive: true });
  if (existsSync(path)) {
    const plan = JSON.parse(await readFile(path, 'utf8')) as { jobs: readonly TrainingJob[] };
    const byName = (list: readonly TrainingJob[]): Record<string, TrainingJob> =>
      // Values that an older version did not have were off.
      Object.fromEntries(
        list.map((job) => [job.name, { ...job, config: resolveConfig(job.config) }]),
      );
    const different = differences(byName(plan.jobs), byName(jobs), '');
    if (different.length === 0) return;
    throw new TrainerError(
      'checkpoint-config',
      `${folder} holds another experiment: ${different.slice(0, NAMED_DIFFERENCES).join('; ')}` +
        `${different.length > NAMED_DIFFERENCES ? '; …' : ''}. Take another --name, or begin anew ` +
        'with --overwrite.',
    );
  }
  if (existsSync(folder)) {
    throw new TrainerError(
      'argument-invalid',
      `${folder} is there already and holds no experiment. Take another --name, or remove it.`,
    );
  }
  await mkdir(folder, { recursive: true });
  await writeJson(path, { jobs });
}

/** The jobs that have no results yet, ready to be run in the experiment's folder. */
export function pendingTasks({ folder, jobs, inits, roots }: Experiment): JobTask[] {
  return jobs
    .map((job) => ({
      job,
      folder: join(folder, job.name),
      roots,
      init: job.init === null ? undefined : inits.get(job.init),
    }))
    .filter((task) => !isFinished(task.folder));
}

/**
 * A checkpoint's name in an experiment: its contents, so that another one makes another experiment,
 * and its file's own name, by which results and model cards call it.
 *
 * @throws {TrainerError} `checkpoint-missing`
 */
export async function initName(path: string): Promise<string> {
  try {
    const hash = createHash('sha256').update(await readFile(path));
    return `init-${hash.digest('hex').slice(0, 16)}/${basename(path)}`;
  } catch (cause) {
    throw new TrainerError(
      'checkpoint-missing',
      `The weights ${path} of --init cannot be read: ${(cause as Error).message}.`,
      { cause },
    );
  }
}
