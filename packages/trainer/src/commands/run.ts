import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { BackendChoice, BackendName } from '../backend.js';
import { datasetsOf, PRECISIONS, type TrainingConfig } from '../config.js';
import type { Reporter } from '../reporter.js';
import { train, type EpochRecord } from '../train.js';
import {
  abortOnInterrupt,
  announcedBackend,
  backendOption,
  rootOption,
  positiveInteger,
  positiveNumber,
  rootsOf,
  type Roots,
} from './options.js';

/** What the commands that train have in common. */
export interface RunOptions {
  readonly name: string;
  readonly experiment?: string;
  readonly precision?: TrainingConfig['precision'];
  readonly root?: Record<string, string>;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly init?: string;
  readonly workers?: number;
  readonly checkpointMinutes: number;
  readonly backend: BackendName | 'auto';
}

/** Batch statistics over fewer images are too noisy. */
const FEWEST_IMAGES_PER_WORKER = 8;

/** Adds the options of {@link RunOptions}. */
export function withRunOptions(command: Command): Command {
  return command
    .requiredOption('--name <run>', 'name of the run: its files go to runs/<run>')
    .option('--experiment <file>', 'JSON file whose values override the defaults')
    .addOption(rootOption())
    .addOption(
      new Option(
        '--precision <name>',
        'what the native back end computes the backbone in (default: as configured, float32)',
      ).choices(PRECISIONS),
    )
    .option('--resume', 'go on from the last checkpoint of this run', false)
    .option('--overwrite', 'begin anew although a run of this name exists', false)
    .option(
      '--init <file>',
      'start from the weights of another run, or of a .safetensors file (ours, torchvision ResNet-18)',
    )
    .option(
      '--workers <n>',
      'data-parallel workers on the CPU (default: one a core)',
      positiveInteger,
    )
    .option('--checkpoint-minutes <n>', 'minutes between checkpoints', positiveNumber, 3)
    .addOption(backendOption());
}

/** A run that came to its end. */
export interface FinishedRun {
  readonly runFolder: string;
  readonly roots: Roots;
  readonly history: readonly EpochRecord[];
  readonly backend: BackendChoice;
}

/** Trains; nothing is returned, and the exit code is set, where the run was interrupted. */
export async function runTraining(
  options: RunOptions,
  config: TrainingConfig,
  reporter: Reporter,
): Promise<FinishedRun | undefined> {
  const most = Math.max(1, Math.floor(config.batchSize / FEWEST_IMAGES_PER_WORKER));
  const workers = options.workers ?? Math.min(availableParallelism(), most);
  const backend = await announcedBackend({ ...options, workers }, reporter);
  reporter.line(`Seed: ${config.seed}`);
  const runFolder = join('runs', options.name);
  const roots = rootsOf(options.root ?? {}, datasetsOf(config.stages));
  const result = await train({
    config,
    roots,
    runFolder,
    backend,
    resume: options.resume,
    overwrite: options.overwrite,
    ...(options.init === undefined ? {} : { init: options.init }),
    checkpointMinutes: options.checkpointMinutes,
    signal: abortOnInterrupt(reporter),
    reporter,
  });
  if (result.unreadable > 0) {
    reporter.line(`${result.unreadable} image(s) could not be read and were left out.`);
  }
  if (!result.finished) {
    reporter.line('Interrupted. Go on with --resume.');
    process.exitCode = 130;
    return undefined;
  }
  return { runFolder, roots, history: result.history, backend };
}
