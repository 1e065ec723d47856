import { join } from 'node:path';
import { Command, Option } from 'commander';
import { pretrainingConfig, PRETRAINING_SETS, type PretrainingSet } from '../pretraining.js';
import { formatAttributes, writePretrainingResults } from '../pretraining-results.js';
import { Reporter } from '../reporter.js';
import { writeReport } from '../report/write-report.js';
import { requireName } from '../run-name.js';
import { RESULT_FILES } from '../results.js';
import { writeRunResults } from '../run-results.js';
import { taskOf } from '../task.js';
import { RUN_FILES } from '../run-folder.js';
import { readExperiment } from './options.js';
import { runTraining, withRunOptions, type RunOptions } from './run.js';

interface PretrainOptions extends RunOptions {
  readonly dataset: PretrainingSet;
}

export function pretrainCommand(): Command {
  const command = new Command('pretrain')
    .description(
      "train the backbone with one FC layer, on CelebA's attributes or FER+'s votes; train --init " +
        'starts from it',
    )
    .addOption(
      new Option('--dataset <name>', 'what to learn from')
        .choices(PRETRAINING_SETS)
        .makeOptionMandatory(),
    );
  return withRunOptions(command).action(async (options: PretrainOptions) => {
    const reporter = new Reporter();
    requireName(options.name);
    const overrides = options.experiment ? await readExperiment(options.experiment) : {};
    const config = pretrainingConfig(options.dataset, {
      ...overrides,
      ...(options.precision && { precision: options.precision }),
    });
    const run = await runTraining(options, config, reporter);
    if (!run) return;
    const { runFolder } = run;
    if (taskOf(config) === 'attributes') {
      reporter.line(formatAttributes(await writePretrainingResults({ ...run, reporter })));
    } else {
      await writeRunResults({ ...run, reporter });
    }
    const weights = join(runFolder, RUN_FILES.best);
    reporter.line(`Results: ${join(runFolder, RESULT_FILES.metrics)}`);
    reporter.line(`Report: ${await writeReport({ folder: runFolder })}`);
    reporter.line(`Finished. Train on: npm run trainer -- train --init ${weights} …`);
  });
}
