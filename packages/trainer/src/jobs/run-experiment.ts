import { join } from 'node:path';
import { commandWords } from '../command-line.js';
import type { Reporter } from '../reporter.js';
import { claimFolder, pendingTasks, type Experiment } from './experiment.js';
import { readJobResult, type JobResult } from './job-result.js';
import { JobWatch } from './job-watch.js';
import { runHere } from './run-here.js';
import { runQueued } from './run-queued.js';
import type { StorageLocation } from './storage.js';

export interface RunExperimentOptions {
  /** Jobs at the same time on this machine. */
  readonly concurrency: number;
  /** Where other machines take the jobs; absent: they run here. */
  readonly queued?: { readonly queue: string; readonly storage: StorageLocation };
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/**
 * Runs the jobs of an experiment that have no results yet.
 *
 * @returns all results in the order of the jobs; undefined where it was stopped before the last
 * @throws {TrainerError} `job-failed` with the jobs that did; those of {@link claimFolder}
 */
export async function runExperiment(
  experiment: Experiment,
  options: RunExperimentOptions,
): Promise<readonly JobResult[] | undefined> {
  const { concurrency, queued, overwrite, signal, reporter } = options;
  const { folder, jobs } = experiment;
  await claimFolder(experiment, overwrite);
  const tasks = pendingTasks(experiment);
  if (tasks.length < jobs.length) {
    reporter.line(`${jobs.length - tasks.length} of ${jobs.length} jobs are done already.`);
  }
  const names = tasks.map(({ job }) => job.name);
  const watch = new JobWatch(names, jobs.length, reporter);
  const command = commandWords();
  if (queued) {
    await runQueued(experiment, tasks, { ...queued, overwrite, command, signal, watch });
  } else {
    await runHere(tasks, { concurrency, command, signal, watch });
  }
  reporter.progressDone();
  watch.requireAll();
  if (pendingTasks(experiment).length > 0) return undefined;
  const results: JobResult[] = [];
  for (const job of jobs) results.push(await readJobResult(job, join(folder, job.name)));
  return results;
}
