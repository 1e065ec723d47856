import { Command, InvalidArgumentError, Option } from 'commander';
import { TrainerError } from '../errors.js';
import {
  ABLATION_ROW_KEYS,
  ABLATION_ROWS,
  ablationJobs,
  ablationResults,
  formatAblation,
  PAPER_ROWS,
  seedJobs,
  type AblationRowKey,
} from '../jobs/ablation.js';
import { foldJobs } from '../jobs/cross-validation.js';
import { runExperiment } from '../jobs/run-experiment.js';
import { writeExperimentResults } from '../jobs/write-experiment-results.js';
import { Reporter } from '../reporter.js';
import {
  addExperimentOptions,
  initsOf,
  prepareExperiment,
  type ExperimentOptions,
} from './experiment-options.js';
import { typedFlags, positiveInteger, reportInterrupted } from './options.js';

interface AblateOptions extends ExperimentOptions {
  readonly rows: readonly AblationRowKey[];
  readonly seeds?: number;
  readonly measure: 'val' | 'test';
  readonly initWithoutEca?: string;
}

export function ablateCommand(): Command {
  const command = new Command('ablate').description(
    "the paper's Table 2: with and without ECA, with and without FDRL, over folds or seeds",
  );
  return addExperimentOptions(command)
    .option(
      '--rows <names>',
      `which rows, of ${ABLATION_ROW_KEYS.join(',')}`,
      collectRows,
      PAPER_ROWS,
    )
    .option(
      '--seeds <n>',
      "runs of different seeds on the set's own splits, in place of folds",
      positiveInteger,
    )
    .addOption(
      new Option('--measure <split>', 'with --seeds: the split that is measured')
        .choices(['val', 'test'])
        .default('val'),
    )
    .option(
      '--init-without-eca <file>',
      'weights for the rows without ECA, pre-trained without it (default: those of --init)',
    )
    .action(async (options: AblateOptions, self: Command) => {
      const reporter = new Reporter();
      requireFitting(self, options.seeds !== undefined);
      const { rows, seeds, measure } = options;
      if (options.initWithoutEca !== undefined && options.init === undefined) {
        throw new TrainerError('argument-invalid', '--init-without-eca needs --init as well.');
      }
      const prepared = await prepareExperiment(
        seeds === undefined ? 'ablation' : 'ablation-seeds',
        options,
        reporter,
      );
      const { config, fold, backend, name, folder, roots, run } = prepared;
      const { names, files } = await initsOf(options.init, options.initWithoutEca ?? options.init);
      const [withEca, withoutEca] = [names[0]!, names[1]!];
      const common = { init: withEca, backend: backend.name, workers: backend.workers };
      const ofWhole =
        seeds === undefined
          ? foldJobs(config, fold, common)
          : seedJobs(config, seeds, { ...common, measured: measure });
      const jobs = ablationJobs(rows, ofWhole, (row) =>
        ABLATION_ROWS[row].network.attention === 'none' ? withoutEca : withEca,
      );
      const over =
        seeds === undefined
          ? `${fold.folds} folds by ${fold.protocol}`
          : `${seeds} seeds, measured on the split ${measure}`;
      reporter.line(`${rows.length} rows of ${fold.dataset} over ${over}: ${jobs.length} jobs`);
      const experiment = { name, folder, jobs, inits: files, roots };
      const results = await runExperiment(experiment, run);
      if (!results) {
        reportInterrupted(reporter);
        return;
      }
      const each = ofWhole.length;
      const byRow = rows.map((row, i) => [row, results.slice(i * each, (i + 1) * each)] as const);
      const table = ablationResults(name, byRow);
      reporter.line(formatAblation(table.metrics));
      await writeExperimentResults(folder, table, reporter);
    });
}

/** Options that have a meaning only for folds. */
const FOLDS_ONLY = ['protocol', 'folds', 'select', 'foldSeed'];

/** An option without effect would mislead. */
function requireFitting(command: Command, hasSeeds: boolean): void {
  const idle = typedFlags(command, hasSeeds ? FOLDS_ONLY : ['measure']);
  if (idle.length === 0) return;
  throw new TrainerError(
    'argument-invalid',
    hasSeeds
      ? `${idle.join(', ')}: not with --seeds, which trains on the set's own splits in place of folds.`
      : `${idle.join(', ')}: only with --seeds; a fold is measured on the images it holds out.`,
  );
}

function collectRows(value: string): AblationRowKey[] {
  return value.split(',').map((name) => {
    const key = ABLATION_ROW_KEYS.find((each) => each === name);
    if (!key) throw new InvalidArgumentError(`Known rows: ${ABLATION_ROW_KEYS.join(', ')}.`);
    return key;
  });
}
