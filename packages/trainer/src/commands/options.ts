import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { BACKENDS, chooseBackend, type BackendChoice, type BackendName } from '../backend.js';
import { DATASET_NAMES, type DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import type { Reporter } from '../reporter.js';

export type Roots = Partial<Record<DatasetName, string>>;

/** Parses `--root <folder>` and `--root <dataset>=<folder>`. */
function collectRoot(value: string, previous: Record<string, string> = {}): Record<string, string> {
  const match = /^([a-z-]+)=(.+)$/.exec(value);
  if (match?.[1] !== undefined && match[2] !== undefined) {
    if (!DATASET_NAMES.includes(match[1] as DatasetName)) {
      throw new InvalidArgumentError(`Known data sets: ${DATASET_NAMES.join(', ')}.`);
    }
    return { ...previous, [match[1]]: match[2] };
  }
  return { ...previous, '': value };
}

export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return number;
}

export function positiveNumber(value: string): number {
  const number = Number(value);
  if (!(number > 0 && Number.isFinite(number))) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return number;
}

/** A second signal within this time is the first one, forwarded by a parent process as well. */
const SAME_INTERRUPT_MS = 1000;

/** The first Ctrl-C ends the step in progress and saves; the second ends at once. */
export function abortOnInterrupt(reporter: Reporter): AbortSignal {
  const controller = new AbortController();
  let interruptedAt = 0;
  const stop = (): void => {
    if (!controller.signal.aborted) {
      interruptedAt = Date.now();
      reporter.line('Stopping after this step; a checkpoint is written. Once more ends at once.');
      controller.abort();
    } else if (Date.now() - interruptedAt > SAME_INTERRUPT_MS) {
      process.exit(130);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

/** The end of an experiment that was stopped before its last job. */
export function reportInterrupted(reporter: Reporter): void {
  reporter.line('Interrupted. Go on with the same command.');
  process.exitCode = 130;
}

/** Of the options with these names, the flags of those that were typed. */
export function typedFlags(command: Command, names: readonly string[]): string[] {
  return command.options
    .filter((option) => names.includes(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long, flags }) => long ?? flags);
}

/** `--root <folder>`, for each set. */
export function rootOption(): Option {
  return new Option(
    '--root <folder>',
    'where a set is: <folder>, or <dataset>=<folder> (repeat)',
  ).argParser(collectRoot);
}

/** The folder that `--root <folder>` or `--root <dataset>=<folder>` names for the one set of a command. */
export function rootOf(given: Record<string, string>, dataset: DatasetName): string {
  const root = rootsOf(given, [dataset])[dataset];
  if (root !== undefined) return root;
  throw new TrainerError(
    'argument-invalid',
    `--root names ${Object.keys(given).join(', ')}, but --dataset is ${dataset}. Say where that is: ` +
      `--root ${dataset}=<folder>.`,
  );
}

/** `--backend <name>`. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'where to compute')
    .choices(['auto', ...BACKENDS])
    .default('auto');
}

/** The back end that the options ask for; it is printed. */
export async function announcedBackend(
  options: { backend: BackendName | 'auto'; workers?: number },
  reporter: Reporter,
): Promise<BackendChoice> {
  const backend = await chooseBackend(options.backend, options.workers);
  reporter.line(`Back end: ${backend.name}, ${backend.workers} worker(s) (${backend.reason})`);
  return backend;
}

/** A folder without a name belongs to every set of the run that has none of its own. */
export function rootsOf(given: Record<string, string>, datasets: readonly DatasetName[]): Roots {
  const fallback = given[''];
  return Object.fromEntries(
    datasets.flatMap((name) => {
      const root = given[name] ?? fallback;
      return root === undefined ? [] : [[name, root]];
    }),
  );
}

/** An experiment file's overrides of the defaults. */
export async function readExperiment(path: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new TrainerError(
      'config-missing',
      `The experiment ${path} cannot be read as JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
}
