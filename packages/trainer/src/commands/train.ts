import { join } from 'node:path';
import { Command, Option } from 'commander';
import { resolveConfig } from '../config.js';
import { EXPRESSION_SETS, type DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { Reporter } from '../reporter.js';
import { writeReport } from '../report/write-report.js';
import { requireName } from '../run-name.js';
import { RESULT_FILES } from '../results.js';
import { writeRunResults } from '../run-results.js';
import { taskOf } from '../task.js';
import { RUN_FILES } from '../run-folder.js';
import { readExperiment } from './options.js';
import { runTraining, withRunOptions, type RunOptions } from './run.js';

interface TrainCommandOptions extends RunOptions {
  readonly dataset?: DatasetName;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network (default: as the paper); checkpoints go to runs/<name>')
    .addOption(
      new Option(
        '--dataset <name>',
        'train one stage on this set, otherwise as configured',
      ).choices(EXPRESSION_SETS),
    );
  return withRunOptions(command).action(async (options: TrainCommandOptions) => {
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
    if (taskOf(config) === 'attributes') {
      throw new TrainerError(
        'config-invalid',
        `${options.experiment} trains on attributes. Use the command pretrain, then train --init.`,
      );
    }
    const run = await runTraining(options, config, reporter);
    if (!run) return;
    await writeRunResults({ ...run, reporter });
    reporter.line(`Finished. Weights: ${join(run.runFolder, RUN_FILES.best)}`);
    reporter.line(`Results: ${join(run.runFolder, RESULT_FILES.metrics)}`);
    reporter.line(`Report: ${await writeReport({ folder: run.runFolder })}`);
  });
}
