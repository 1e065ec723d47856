import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { BackendName } from '../backend.js';
import { datasetsOf, PRECISIONS, resolveConfig, type TrainingConfig } from '../config.js';
import { EXPRESSION_SETS, type DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { Reporter } from '../reporter.js';
import { writeReport } from '../report/write-report.js';
import { requireName } from '../run-name.js';
import { RESULT_FILES } from '../results.js';
import { writeRunResults } from '../run-results.js';
import { RUN_FILES } from '../run-folder.js';
import { train } from '../train.js';
import {
  abortOnInterrupt,
  announcedBackend,
  backendOption,
  collectRoot,
  positiveInteger,
  readExperiment,
  rootsOf,
} from './options.js';

/** Batch statistics over fewer images are too noisy. */
const FEWEST_IMAGES_PER_WORKER = 8;

export function trainCommand(): Command {
  return new Command('train')
    .description('train a network; checkpoints go to runs/<name>')
    .requiredOption('--name <run>', 'name of the run: its files go to runs/<run>')
    .option('--experiment <file>', 'JSON file whose values override the defaults (the paper)')
    .addOption(
      new Option(
        '--dataset <name>',
        'train one stage on this set, otherwise as configured',
      ).choices(EXPRESSION_SETS),
    )
    .option(
      '--root <folder>',
      'where a set is: <folder>, or <dataset>=<folder> (repeat)',
      collectRoot,
    )
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
    .option('--checkpoint-minutes <n>', 'minutes between checkpoints', positiveInteger, 3)
    .addOption(backendOption())
    .action(
      async (options: {
        name: string;
        experiment?: string;
        dataset?: DatasetName;
        precision?: TrainingConfig['precision'];
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
        const config = resolveConfig({
          ...overrides,
          ...(options.dataset && { stages: [{ dataset: options.dataset }] }),
          ...(options.precision && { precision: options.precision }),
        });
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
          return;
        }
        const { history } = result;
        await writeRunResults({ runFolder, roots, history, backend, reporter });
        reporter.line(`Finished. Weights: ${join(runFolder, RUN_FILES.best)}`);
        reporter.line(`Results: ${join(runFolder, RESULT_FILES.metrics)}`);
        reporter.line(`Report: ${await writeReport({ folder: runFolder })}`);
      },
    );
}
