import { Command } from 'commander';
import {
  crossValidationResults,
  foldJobs,
  formatCrossValidation,
} from '../jobs/cross-validation.js';
import { runExperiment } from '../jobs/run-experiment.js';
import { writeExperimentResults } from '../jobs/write-experiment-results.js';
import { Reporter } from '../reporter.js';
import {
  addExperimentOptions,
  initsOf,
  prepareExperiment,
  type ExperimentOptions,
} from './experiment-options.js';
import { reportInterrupted } from './options.js';

export function crossValidateCommand(): Command {
  const command = new Command('cross-validate').description(
    'train and measure a network over all folds of a set; given again, it goes on where it stopped',
  );
  return addExperimentOptions(command).action(async (options: ExperimentOptions) => {
    const reporter = new Reporter();
    const prepared = await prepareExperiment('cross-validation', options, reporter);
    const { config, fold, backend, name, folder, roots, run } = prepared;
    const { names, files } = await initsOf(options.init);
    const common = { init: names[0]!, backend: backend.name, workers: backend.workers };
    const jobs = foldJobs(config, fold, common);
    reporter.line(
      `${jobs.length} folds of ${fold.dataset} by ${fold.protocol}, seed ${config.seed}; ` +
        'each fold trains on the others but one, on which its epoch is chosen' +
        (fold.select === 'test' ? ' - no: it is chosen on the measured fold, optimistic' : ''),
    );
    const experiment = { name, folder, jobs, inits: files, roots };
    const results = await runExperiment(experiment, run);
    if (!results) {
      reportInterrupted(reporter);
      return;
    }
    const table = crossValidationResults(name, fold, results);
    reporter.line(formatCrossValidation(table.metrics));
    await writeExperimentResults(folder, table, reporter);
  });
}
