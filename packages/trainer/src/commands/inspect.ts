import { Command, Option } from 'commander';
import { DATASET_NAMES, type DatasetName } from '../datasets/dataset.js';
import { inspectSet } from '../inspect.js';
import { Reporter } from '../reporter.js';
import { writeJson } from '../write-json.js';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'read a data set without training: images of each class and split, duplicates, unreadable ' +
        'files, sizes',
    )
    .addOption(
      new Option('--dataset <name>', 'which set').choices(DATASET_NAMES).makeOptionMandatory(),
    )
    .requiredOption('--root <folder>', 'the folder that holds the set in its official layout')
    .option('--json <file>', 'write the report here')
    .action(async (options: { dataset: DatasetName; root: string; json?: string }) => {
      const reporter = new Reporter();
      const report = await inspectSet(options.dataset, options.root, reporter);
      reporter.dataset(report);
      if (options.json === undefined) return;
      await writeJson(options.json, report);
      reporter.line(`Written: ${options.json}`);
    });
}
