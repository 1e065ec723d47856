#!/usr/bin/env node
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { WeightsPrecision } from 'emotion-cam/network';
import { BACKENDS, chooseBackend, type BackendChoice, type BackendName } from './backend.js';
import { resolveConfig } from './config.js';
import { DATASET_NAMES, SPLITS, type DatasetName, type Split } from './datasets/dataset.js';
import { TrainerError } from './errors.js';
import { evaluate } from './evaluate.js';
import { exportModel } from './export/export-model.js';
import { formatTable } from './metrics.js';
import { modelOfCheckpoint, modelOfFolder, type EvaluatedModel } from './model-source.js';
import { percent } from './percent.js';
import { Reporter } from './reporter.js';
import { requireName } from './run-name.js';
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

/** A second signal within this time is the first one, forwarded by a parent process as well. */
const SAME_INTERRUPT_MS = 1000;

/** The first Ctrl-C ends the step in progress and saves; the second ends at once. */
function abortOnInterrupt(reporter: Reporter): AbortSignal {
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

/** Batch statistics over fewer images are too noisy. */
const FEWEST_IMAGES_PER_WORKER = 8;

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
  .option('--overwrite', 'begin anew although a run of this name exists', false)
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
      overwrite: boolean;
      init?: string;
      workers?: number;
      checkpointMinutes: number;
      backend: BackendName | 'auto';
    }) => {
      const reporter = new Reporter();
      requireName(options.name);
      if (options.experiment !== undefined && options.dataset !== undefined) {
        throw new TrainerError(
          'argument-invalid',
          'An --experiment says which sets its stages use. Give it or --dataset, not both.',
        );
      }
      const overrides = options.experiment ? await readExperiment(options.experiment) : {};
      const config = resolveConfig(
        options.dataset ? { ...overrides, stages: [{ dataset: options.dataset }] } : overrides,
      );
      const most = Math.max(1, Math.floor(config.batchSize / FEWEST_IMAGES_PER_WORKER));
      const workers = options.workers ?? Math.min(availableParallelism(), most);
      const backend = await announcedBackend({ ...options, workers }, reporter);
      reporter.line(`Seed: ${config.seed}`);
      const result = await train({
        config,
        roots: rootsOf(
          options.root ?? {},
          config.stages.map((stage) => stage.dataset),
        ),
        runFolder: join('runs', options.name),
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
      reporter.line(
        result.finished
          ? `Finished. Best epochs: runs/${options.name}/best.ckpt`
          : `Interrupted. Go on with --resume.`,
      );
      if (!result.finished) process.exitCode = 130;
    },
  );

program
  .command('evaluate')
  .description('measure a model or a checkpoint on a split of a data set')
  .option('--model <folder>', 'a model that export wrote, for example models/fdrl-ecanet')
  .addOption(
    new Option('--variant <precision>', 'weights of the model (default: its own choice)').choices([
      'float16',
      'uint8',
    ]),
  )
  .option('--checkpoint <file>', 'a checkpoint of a run, instead of --model')
  .option(
    '--image-size <pixels>',
    'input side for a checkpoint (default: its last stage)',
    positiveInteger,
  )
  .addOption(
    new Option('--dataset <name>', 'what to measure on')
      .choices(DATASET_NAMES)
      .makeOptionMandatory(),
  )
  .requiredOption('--root <folder>', 'the folder that holds the set in its official layout')
  .addOption(new Option('--split <split>', 'which part of it').choices(SPLITS).default('val'))
  .option('--json <file>', 'write the metrics here')
  .option('--workers <n>', 'workers on the CPU (default: one a core)', positiveInteger)
  .addOption(backendOption)
  .action(
    async (options: {
      model?: string;
      variant?: WeightsPrecision;
      checkpoint?: string;
      imageSize?: number;
      dataset: DatasetName;
      root: string;
      split: Split;
      json?: string;
      workers?: number;
      backend: BackendName | 'auto';
    }) => {
      const reporter = new Reporter();
      const model = await evaluatedModel(options);
      const backend = await announcedBackend(options, reporter);
      const { dataset, root, split } = options;
      const [evaluation] = await evaluate({
        models: [model],
        dataset,
        root,
        split,
        backend,
        reporter,
      });
      if (!evaluation) return;
      const { accuracy, meanClassAccuracy, macroF1, count, unreadable } = evaluation;
      reporter.line(formatTable(evaluation));
      reporter.line(
        `accuracy ${percent(accuracy, 2)}, mean class ${percent(meanClassAccuracy, 2)}, ` +
          `macro F1 ${macroF1.toFixed(4)}, ${count} images, ${unreadable} unreadable`,
      );
      if (options.json === undefined) return;
      await mkdir(dirname(options.json), { recursive: true });
      await writeFile(options.json, `${JSON.stringify(evaluation, null, 2)}\n`);
      reporter.line(`Written: ${options.json}`);
    },
  );

program
  .command('export')
  .description('write a model for the SDK: manifest, weights as float16 and uint8, golden outputs')
  .requiredOption('--checkpoint <file>', 'the weights, for example runs/<run>/best.ckpt')
  .option('--name <model>', 'name of the model and of its folder', 'fdrl-ecanet')
  .option('--out <folder>', 'where the folder of the model goes', 'models')
  .option(
    '--image-size <pixels>',
    'input side of the model (default: its last stage)',
    positiveInteger,
  )
  .addOption(
    new Option('--dataset <name>', 'validation data for the metrics').choices(DATASET_NAMES),
  )
  .option('--root <folder>', 'where the validation data is')
  .option('--workers <n>', 'workers on the CPU (default: one a core)', positiveInteger)
  .addOption(backendOption)
  .action(
    async (options: {
      checkpoint: string;
      name: string;
      out: string;
      imageSize?: number;
      dataset?: DatasetName;
      root?: string;
      workers?: number;
      backend: BackendName | 'auto';
    }) => {
      const reporter = new Reporter();
      const { checkpoint, name, out, imageSize, dataset, root } = options;
      if ((dataset === undefined) !== (root === undefined)) {
        throw new TrainerError('argument-invalid', 'Give both --dataset and --root, or neither.');
      }
      const folder = await exportModel({
        checkpoint,
        name,
        out,
        ...(imageSize === undefined ? {} : { imageSize }),
        validation: dataset !== undefined && root !== undefined ? { dataset, root } : undefined,
        backend: await announcedBackend(options, reporter),
        command: commandLine(),
        reporter,
      });
      reporter.line(`Written: ${folder}`);
    },
  );

/** The command line for the record, without the folders of this machine. */
function commandLine(): string {
  const words = process.argv.slice(2);
  const shown = words.map((word, index) => (words[index - 1] === '--root' ? '<folder>' : word));
  return `npm run trainer -- ${shown.join(' ')}`;
}

/** The model or the checkpoint that the options name; exactly one of them. */
function evaluatedModel(options: {
  model?: string;
  variant?: WeightsPrecision;
  checkpoint?: string;
  imageSize?: number;
}): Promise<EvaluatedModel> {
  const { model, checkpoint } = options;
  if (model !== undefined && checkpoint === undefined) return modelOfFolder(model, options.variant);
  if (checkpoint !== undefined && model === undefined) {
    return modelOfCheckpoint(checkpoint, options.imageSize);
  }
  throw new TrainerError('argument-invalid', 'Give either --model or --checkpoint.');
}

async function announcedBackend(
  options: { backend: BackendName | 'auto'; workers?: number },
  reporter: Reporter,
): Promise<BackendChoice> {
  const backend = await chooseBackend(options.backend, options.workers);
  reporter.line(`Back end: ${backend.name}, ${backend.workers} worker(s) (${backend.reason})`);
  return backend;
}

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
