import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseBackend } from '../backend.js';
import type { DatasetName, Split } from '../datasets/dataset.js';
import type { Reporter } from '../reporter.js';
import { hasCheckpoint, RESUME_FILES } from '../run-folder.js';
import { writeRunResults } from '../run-results.js';
import { train } from '../train.js';
import { isFinished, shareDone, type TrainingJob } from './training-job.js';

/** Besides the checkpoint after every epoch. */
const CHECKPOINT_MINUTES = 3;

/** What a job needs besides what it is. */
export interface RunJobOptions {
  /** Where its run is, or will be. */
  readonly folder: string;
  /** The checkpoint that `job.init` names. */
  readonly init: string | undefined;
  readonly roots: Readonly<Partial<Record<DatasetName, string>>>;
  /** Stops after the step in progress, with a checkpoint. */
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** 0..1 */
  readonly onShare: (share: number) => void;
  readonly onSaved?: () => Promise<void>;
}

/**
 * Trains and measures: from the beginning, from where the folder's checkpoint is, or not at all where
 * the results are there.
 *
 * @returns whether it is finished; not if it was stopped
 * @throws {TrainerError} those of `train` and `writeRunResults`
 */
export async function runJob(job: TrainingJob, options: RunJobOptions): Promise<boolean> {
  const { folder, init, roots, signal, reporter, onShare, onSaved } = options;
  if (isFinished(folder)) return true;
  const { config, measured } = job;
  const backend = await chooseBackend(job.backend, job.workers);
  const resume = hasCheckpoint(folder);
  const { finished, history } = await train({
    config,
    roots,
    runFolder: folder,
    backend,
    resume,
    overwrite: false,
    ...(init !== undefined && !resume && { init }),
    checkpointMinutes: CHECKPOINT_MINUTES,
    onStep: (position, stepsPerEpoch) => {
      onShare(shareDone(config.stages, position, stepsPerEpoch));
    },
    ...(onSaved && { onSaved }),
    signal,
    reporter,
  });
  if (!finished) return false;
  const splits: Split[] = measured === 'val' ? ['val'] : ['val', measured];
  await writeRunResults({ runFolder: folder, roots, history, splits, backend, reporter });
  // Nobody resumes a finished job, and thirty of them would fill a disk.
  for (const name of RESUME_FILES) await rm(join(folder, name), { force: true });
  return true;
}
