import { existsSync } from 'node:fs';
import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readCheckpoint, type Checkpoint } from './checkpoint.js';
import { TrainerError, type TrainerErrorCode } from './errors.js';
import type { Reporter } from './reporter.js';
import { removeUnfinished } from './write-json.js';

/** File names inside the run folder. */
export const RUN_FILES = {
  config: 'config.json',
  log: 'log.jsonl',
  checkpoint: 'last.ckpt',
  best: 'best.ckpt',
} as const;

/** The checkpoints before the last one, newest first; a run resumes from the newest that is whole. */
export const PREVIOUS_CHECKPOINTS = ['previous-1.ckpt', 'previous-2.ckpt'] as const;

/** What a run resumes from, newest first. */
export const RESUME_FILES: readonly string[] = [RUN_FILES.checkpoint, ...PREVIOUS_CHECKPOINTS];

/** Whether a run has begun in this folder and left a state. */
export function hasCheckpoint(runFolder: string): boolean {
  return RESUME_FILES.some((name) => existsSync(join(runFolder, name)));
}

/** Where a checkpoint that cannot be read is put aside. */
const CORRUPT = 'corrupt.ckpt';

/** The best epoch of one stage, counted from 0. */
export function bestOfStageFile(stage: number): string {
  return `best-stage${stage + 1}.ckpt`;
}

/** Removes the checkpoints of a run that is begun anew: none of them may be taken for its own. */
export async function discardRun(runFolder: string): Promise<void> {
  if (!existsSync(runFolder)) return;
  const ours = /^(last|previous-\d+|best|best-stage\d+|corrupt)\.ckpt$/;
  for (const name of await readdir(runFolder)) {
    if (ours.test(name)) await rm(join(runFolder, name));
  }
}

/** Hours of training must not be lost to a forgotten --resume. */
export function requireFreshFolder({
  runFolder,
  resume,
  overwrite,
  init,
}: {
  readonly runFolder: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly init?: string;
}): void {
  if (resume && init !== undefined) {
    throw new TrainerError(
      'argument-invalid',
      '--resume goes on with the weights of the run itself; --init would replace them. Give one.',
    );
  }
  if (resume || overwrite || !hasCheckpoint(runFolder)) return;
  throw new TrainerError(
    'argument-invalid',
    `${runFolder} holds a checkpoint. Go on with --resume, begin anew with --overwrite, or take ` +
      'another --name.',
  );
}

/**
 * The newest checkpoint of a run that is whole. Where it is not the last one, that is said, and one
 * that is corrupt is put aside, or it would push a good one out.
 *
 * @throws {TrainerError} `checkpoint-missing` or `checkpoint-corrupt`, as the last one is
 */
export async function readNewest(
  runFolder: string,
  reporter: Reporter,
): Promise<Checkpoint & { readonly path: string }> {
  const failures: { readonly path: string; readonly error: TrainerError }[] = [];
  for (const name of RESUME_FILES) {
    const path = join(runFolder, name);
    try {
      const checkpoint = await readCheckpoint(path);
      for (const failed of failures) await putAside(failed.path, failed.error, reporter);
      if (failures.length > 0) {
        const { stage, epoch, step } = checkpoint.meta.position;
        reporter.line(
          `Going on from ${path}: stage ${stage + 1}, epoch ${epoch + 1}, after ${step} step(s).`,
        );
      }
      return { ...checkpoint, path };
    } catch (error) {
      if (!(error instanceof TrainerError) || !UNUSABLE.has(error.code)) throw error;
      failures.push({ path, error });
    }
  }
  throw failures[0]!.error;
}

const UNUSABLE: ReadonlySet<TrainerErrorCode> = new Set([
  'checkpoint-missing',
  'checkpoint-corrupt',
]);

async function putAside(path: string, error: TrainerError, reporter: Reporter): Promise<void> {
  if (error.code === 'checkpoint-missing') {
    reporter.line(`${path} is missing: the run was stopped while it was replaced.`);
    return;
  }
  await rename(path, join(dirname(path), CORRUPT));
  reporter.line(`${path} is corrupt, cut short or changed. It is now ${CORRUPT}.`);
}

/** Copies a file to the place of another in one step. */
export async function replaceByCopy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, `${to}.writing`);
    await rename(`${to}.writing`, to);
  } catch (cause) {
    await removeUnfinished(`${to}.writing`);
    throw new TrainerError(
      'output-failed',
      `${from} could not be copied to ${to}: ${(cause as Error).message}. Make room or give write ` +
        'access, then go on with --resume.',
      { cause },
    );
  }
}
