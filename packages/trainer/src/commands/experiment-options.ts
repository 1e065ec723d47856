import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Option, type Command } from 'commander';
import type { BackendChoice, BackendName } from '../backend.js';
import { datasetsOf, resolveConfig, type TrainingConfig } from '../config.js';
import { EXPRESSION_SETS, type DatasetName } from '../datasets/dataset.js';
import { openSet } from '../datasets/load-dataset.js';
import { TrainerError } from '../errors.js';
import { FEWEST_FOLDS, FOLD_PROTOCOLS, FOLD_SELECTIONS, type FoldConfig } from '../folds.js';
import { initName, type Experiment } from '../jobs/experiment.js';
import { PRESET_NAMES, presetOverrides, PRESETS, type PresetName } from '../jobs/presets.js';
import type { RunExperimentOptions } from '../jobs/run-experiment.js';
import type { Reporter } from '../reporter.js';
import { requireName } from '../run-name.js';
import {
  abortOnInterrupt,
  announcedBackend,
  backendOption,
  rootOption,
  positiveInteger,
  readExperiment,
  rootsOf,
} from './options.js';

/** What commands of many jobs have in common. */
export interface ExperimentOptions {
  readonly dataset: DatasetName;
  readonly root?: Record<string, string>;
  readonly protocol: FoldConfig['protocol'];
  readonly folds: number;
  readonly select: FoldConfig['select'];
  readonly foldSeed: number;
  readonly seed?: number;
  readonly preset?: PresetName;
  readonly experiment?: string;
  readonly init?: string;
  readonly name?: string;
  readonly overwrite: boolean;
  readonly jobs?: number;
  readonly workers: number;
  readonly backend: BackendName | 'auto';
  readonly queue?: string;
  readonly storage?: string;
  readonly s3Endpoint?: string;
}

export function addExperimentOptions(command: Command): Command {
  const presets = PRESET_NAMES.map((name) => `${name} (${PRESETS[name].about})`).join('; ');
  return command
    .addOption(
      new Option('--dataset <name>', 'the set that is measured')
        .choices(EXPRESSION_SETS)
        .makeOptionMandatory(),
    )
    .addOption(rootOption())
    .addOption(
      new Option(
        '--protocol <protocol>',
        "group: no subject or duplicate on two sides of a fold; image: stratified by image, the paper's",
      )
        .choices(FOLD_PROTOCOLS)
        .default('group'),
    )
    .option('--folds <n>', 'how many folds', positiveInteger, 10)
    .addOption(
      new Option(
        '--select <images>',
        'images on which the epoch is chosen; test: those that are measured, which is optimistic',
      )
        .choices(FOLD_SELECTIONS)
        .default('validation'),
    )
    .option('--fold-seed <n>', 'decides which images are in which fold', positiveInteger, 1)
    .option('--seed <n>', 'seed of the training (default: the configuration’s)', positiveInteger)
    .addOption(new Option('--preset <name>', presets).choices(PRESET_NAMES))
    .option('--experiment <file>', 'JSON file whose values override the defaults, not a preset')
    .option('--init <file>', 'weights that every job starts from')
    .option('--name <experiment>', 'its files go to runs/<experiment> (default: from the options)')
    .option('--overwrite', 'begin anew although an experiment of this name exists', false)
    .option(
      '--jobs <n>',
      'jobs at the same time here (default: as many as the cores have workers for)',
      positiveInteger,
    )
    .option('--workers <n>', 'data-parallel workers of each job', positiveInteger, 1)
    .addOption(backendOption())
    .option('--queue <url>', 'redis://<host>: hand the jobs to `trainer work` on other machines')
    .addOption(storageOption())
    .addOption(s3EndpointOption());
}

/** `--storage <where>`. */
export function storageOption(): Option {
  return new Option(
    '--storage <where>',
    'with --queue: a folder that all machines see, or s3://<bucket>/<prefix>',
  );
}

/** `--s3-endpoint <url>`. */
export function s3EndpointOption(): Option {
  return new Option(
    '--s3-endpoint <url>',
    'an S3-compatible server (default: AWS_ENDPOINT_URL_S3, else Amazon)',
  );
}

/** What the options come to. */
export interface PreparedExperiment {
  readonly config: TrainingConfig;
  readonly fold: Omit<FoldConfig, 'index'>;
  readonly backend: BackendChoice;
  readonly name: string;
  readonly folder: string;
  readonly roots: Experiment['roots'];
  readonly run: RunExperimentOptions;
}

/**
 * Resolves the options of an experiment, and prints the back end.
 *
 * @param kind - the beginning of the default name
 * @throws {TrainerError} `argument-invalid`, `config-missing`, `config-invalid`,
 *   `backend-unavailable`; those of {@link openSet} for a set that cannot be read
 */
export async function prepareExperiment(
  kind: string,
  options: ExperimentOptions,
  reporter: Reporter,
): Promise<PreparedExperiment> {
  const { dataset, protocol, folds, select, foldSeed, overwrite, jobs } = options;
  if (folds < FEWEST_FOLDS) {
    throw new TrainerError(
      'argument-invalid',
      `--folds is ${folds}. It must be at least ${FEWEST_FOLDS}: one to measure, one to choose the ` +
        'epoch on, one to train on.',
    );
  }
  const name = options.name ?? defaultName(kind, options);
  requireName(name);
  const config = await configOf(options);
  const roots = rootsOf(options.root ?? {}, datasetsOf(config.stages));
  const queued = queueOf(options);
  if (!queued) await requireSets(config, roots);
  const backend = await announcedBackend(options, reporter);
  const cores = availableParallelism();
  const concurrency =
    jobs ?? (backend.name === 'webgpu' ? 1 : Math.max(1, Math.floor(cores / backend.workers)));
  return {
    config,
    fold: { dataset, protocol, folds, seed: foldSeed, select },
    backend,
    name,
    folder: join('runs', name),
    roots,
    run: {
      concurrency,
      ...(queued && { queued }),
      overwrite,
      signal: abortOnInterrupt(reporter),
      reporter,
    },
  };
}

/** Names of the checkpoints that jobs start from, and their files. */
export async function initsOf(
  ...paths: readonly (string | undefined)[]
): Promise<{ names: (string | null)[]; files: Map<string, string> }> {
  const files = new Map<string, string>();
  const names: (string | null)[] = [];
  for (const path of paths) {
    const name = path === undefined ? null : await initName(path);
    if (name !== null && path !== undefined) files.set(name, path);
    names.push(name);
  }
  return { names, files };
}

async function configOf(options: ExperimentOptions): Promise<TrainingConfig> {
  const { dataset, preset, experiment, seed } = options;
  if (preset !== undefined && experiment !== undefined) {
    throw new TrainerError('argument-invalid', 'Give either --preset or --experiment.');
  }
  const overrides =
    experiment === undefined
      ? presetOverrides(preset ?? 'paper', dataset)
      : await readExperiment(experiment);
  const config = resolveConfig({ ...overrides, ...(seed !== undefined && { seed }) });
  const last = config.stages.at(-1)!.dataset;
  if (last !== dataset) {
    throw new TrainerError(
      'argument-invalid',
      `The last stage of ${experiment ?? ''} is on ${last}, so ${last} is what can be measured; ` +
        `--dataset is ${dataset}.`,
    );
  }
  return config;
}

function defaultName(kind: string, options: ExperimentOptions): string {
  const { dataset, protocol, select, preset = 'paper', experiment } = options;
  const recipe = experiment === undefined ? preset : basename(experiment, '.json');
  const folds = 'seeds' in options ? [] : [protocol, ...(select === 'test' ? ['select-test'] : [])];
  return [kind, dataset, ...folds, recipe].join('-');
}

function queueOf({
  queue,
  storage,
  s3Endpoint,
}: ExperimentOptions): RunExperimentOptions['queued'] {
  if (queue === undefined && storage === undefined) return undefined;
  if (queue === undefined || storage === undefined) {
    throw new TrainerError(
      'argument-invalid',
      '--queue and --storage belong together: the workers leave their results in the storage.',
    );
  }
  return { queue, storage: { url: storage, ...(s3Endpoint !== undefined && { s3Endpoint }) } };
}

/** What is wrong with a set is said once, not by every job. */
async function requireSets(config: TrainingConfig, roots: Experiment['roots']): Promise<void> {
  const names = datasetsOf(config.stages);
  const missing = names.filter((name) => roots[name] === undefined);
  if (missing.length > 0) {
    throw new TrainerError(
      'argument-invalid',
      `Say where ${missing.join(' and ')} is: ` +
        missing.map((name) => `--root ${name}=<folder>`).join(' '),
    );
  }
  for (const name of names) await openSet(name, roots[name]!);
}
