#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { BACKENDS, chooseBackend, type BackendName } from './backend.js';
import { resolveConfig } from './config.js';
import { DATASET_NAMES, type DatasetName } from './datasets/dataset.js';
import { TrainerError } from './errors.js';
import { Reporter } from './reporter.js';
import { train } from './train.js';

type Roots = Partial<Record<DatasetName, string>>;

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

function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return number;
}

/** The first Ctrl-C ends the step in progress and saves; the second ends at once. */
function abortOnInterrupt(reporter: Reporter): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    reporter.line('Stopping after this step; a checkpoint is written. Once more ends at once.');
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

const backendOption = new Option('--backend <name>', 'where to compute')
  .choices(['auto', ...BACKENDS])
  .default('auto');

const program = new Command('trainer')
  .description('Trains, evaluates and exports FDRL-ECANet.')
  .showHelpAfterError();

program
  .command('train')
  .description('train a network; checkpoints go to runs/<name>')
  .requiredOption('--name <run>', 'name of the run: its files go to runs/<run>')
  .option('--experiment <file>', 'JSON file whose values override the defaults (the paper)')
  .addOption(
    new Option('--dataset <name>', 'train one stage on this set, otherwise as configured').choices(
      DATASET_NAMES,
    ),
  )
  .option(
    '--root <folder>',
    'where a set is: <folder>, or <dataset>=<folder> (repeat)',
    collectRoot,
  )
  .option('--resume', 'go on from the last checkpoint of this run', false)
  .option('--init <checkpoint>', 'start from the weights of another run')
  .option(
    '--workers <n>',
    'data-parallel workers on the CPU (default: one a core)',
    positiveInteger,
  )
  .option('--checkpoint-minutes <n>', 'minutes between checkpoints', positiveInteger, 3)
  .addOption(backendOption)
  .action(
    async (options: {
      name: string;
      experiment?: string;
      dataset?: DatasetName;
      root?: Record<string, string>;
      resume: boolean;
      init?: string;
      workers?: number;
      checkpointMinutes: number;
      backend: BackendName | 'auto';
    }) => {
      const reporter = new Reporter();
      const overrides = options.experiment ? await readExperiment(options.experiment) : {};
      const config = resolveConfig(
        options.dataset ? { ...overrides, stages: [{ dataset: options.dataset }] } : overrides,
      );
      const backend = await chooseBackend(options.backend, options.workers);
      reporter.line(
        `Back end: ${backend.name}, ${backend.workers} worker(s) (${backend.reason}); seed ${config.seed}`,
      );
      const result = await train({
        config,
        roots: rootsOf(
          options.root ?? {},
          config.stages.map((stage) => stage.dataset),
        ),
        runFolder: join('runs', options.name),
        backend,
        resume: options.resume,
        ...(options.init === undefined ? {} : { init: options.init }),
        checkpointMinutes: options.checkpointMinutes,
        signal: abortOnInterrupt(reporter),
        reporter,
      });
      reporter.line(
        result.finished
          ? `Finished. Best epochs: runs/${options.name}/best.ckpt`
          : `Interrupted. Go on with --resume.`,
      );
      if (!result.finished) process.exitCode = 130;
    },
  );

/** A folder without a name belongs to every set of the run that has none of its own. */
function rootsOf(given: Record<string, string>, datasets: readonly DatasetName[]): Roots {
  const fallback = given[''];
  return Object.fromEntries(
    datasets.flatMap((name) => {
      const root = given[name] ?? fallback;
      return root === undefined ? [] : [[name, root]];
    }),
  );
}

async function readExperiment(path: string): Promise<Record<string, unknown>> {
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

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof TrainerError)) throw error;
  process.stderr.write(`\n${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
