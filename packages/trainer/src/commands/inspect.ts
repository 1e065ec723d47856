import { Command, Option } from 'commander';
import { DATASET_NAMES, type DatasetName } from '../datasets/dataset.js';
import { inspectSet } from '../inspect.js';
import { Reporter } from '../reporter.js';
import { writeJson } from '../write-json.js';
import { rootOf, rootOption } from './options.js';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'read a data set without training: images of each class and split, duplicates, unreadable ' +
        'files, sizes',
    )
    .addOption(
      new Option('--dataset <name>', 'which set').choices(DATASET_NAMES).makeOptionMandatory(),
    )
    .addOption(rootOption().makeOptionMandatory())
    .option('--json <file>', 'write the report here')
    .action(
      async (options: { dataset: DatasetName; root: Record<string, string>; json?: string }) => {
        const reporter = new Reporter();
        const { dataset } = options;
        const report = await inspectSet(dataset, rootOf(options.root, dataset), reporter);
        reporter.dataset(report);
        if (options.json === undefined) return;
        await writeJson(options.json, report);
        reporter.line(`Written: ${options.json}`);
      },
    );
}
