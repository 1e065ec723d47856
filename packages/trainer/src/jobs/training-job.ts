import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendName } from '../backend.js';
import type { StageConfig, TrainingConfig } from '../config.js';
import type { Position } from '../checkpoint.js';
import type { Split } from '../datasets/dataset.js';
import { RESULT_FILES } from '../results.js';

/**
 * One run of an experiment: a fold, a row of an ablation, a seed. Jobs know nothing of each other, so
 * they run in any order and on any machine. Plain JSON.
 */
export interface TrainingJob {
  /** Its folder below the experiment's, for example `without-eca/fold-03`. */
  readonly name: string;
  readonly config: TrainingConfig;
  /** The experiment's checkpoint that the run starts from, by its name there; null: from nothing. */
  readonly init: string | null;
  /** The split of the last stage's set that is the job's result. */
  readonly measured: Split;
  /** Decided once for all jobs of an experiment: the numbers depend on both. */
  readonly backend: BackendName;
  readonly workers: number;
}

/** A finished job has its results; they are written last. */
export function isFinished(folder: string): boolean {
  return existsSync(join(folder, RESULT_FILES.metrics));
}

/** How much of a run is done, 0..1: stages count by their epochs and pixels. */
export function shareDone(
  stages: readonly StageConfig[],
  { stage, epoch, step }: Position,
  stepsPerEpoch: number,
): number {
  const work = stages.map(({ epochs, imageSize }) => epochs * imageSize ** 2);
  const total = work.reduce((sum, each) => sum + each, 0);
  const before = work.slice(0, stage).reduce((sum, each) => sum + each, 0);
  const here = stages[stage] ? (epoch + step / stepsPerEpoch) / stages[stage].epochs : 0;
  return (before + here * (work[stage] ?? 0)) / total;
}
