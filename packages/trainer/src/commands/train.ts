import { join } from 'node:path';
import { Command, Option } from 'commander';
import { resolveConfig } from '../config.js';
import { EXPRESSION_SETS, type DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { RECIPE_NAMES, recipeOverrides, RECIPES, type RecipeName } from '../recipes.js';
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
  readonly recipe?: RecipeName;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network (default: as the paper); checkpoints go to runs/<name>')
    .addOption(new Option('--recipe <name>', recipeHelp()).choices(RECIPE_NAMES))
    .addOption(
      new Option(
        '--dataset <name>',
        'train one stage on this set, otherwise as configured',
      ).choices(EXPRESSION_SETS),
    );
  return withRunOptions(command).action(async (options: TrainCommandOptions) => {
    const reporter = new Reporter();
    requireName(options.name);
    const config = resolveConfig({
      ...(await overridesOf(options)),
      ...(options.precision && { precision: options.precision }),
    });
    if (taskOf(config) === 'attributes') {
      throw new TrainerError(
        'config-invalid',
        `${options.experiment ?? options.name} trains on attributes. Use the command pretrain, then train --init.`,
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

function recipeHelp(): string {
  const each = RECIPE_NAMES.map((name) => `${name} (${RECIPES[name].about})`);
  return `a configuration that has a name: ${each.join('; ')}`;
}

/** The values over the defaults that the options ask for, from one source. */
async function overridesOf({
  recipe,
  experiment,
  dataset,
}: TrainCommandOptions): Promise<Record<string, unknown>> {
  if (experiment === undefined) {
    if (recipe !== undefined) return recipeOverrides(recipe, dataset);
    return dataset === undefined ? {} : { stages: [{ dataset }] };
  }
  if (recipe !== undefined || dataset !== undefined) {
    throw new TrainerError(
      'argument-invalid',
      'An --experiment is a whole configuration and says which sets its stages use. Give it alone, ' +
        'without --recipe and --dataset.',
    );
  }
  return readExperiment(experiment);
}
