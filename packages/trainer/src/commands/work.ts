import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { DATASET_NAMES } from '../datasets/dataset.js';
import { work } from '../jobs/work.js';
import { Reporter } from '../reporter.js';
import { s3EndpointOption, storageOption } from './experiment-options.js';
import { abortOnInterrupt, rootOption, positiveInteger, rootsOf } from './options.js';

export function workCommand(): Command {
  return new Command('work')
    .description('take jobs of cross-validate and ablate from a queue')
    .requiredOption('--queue <url>', 'redis://<host>[:<port>]')
    .addOption(storageOption().makeOptionMandatory())
    .addOption(s3EndpointOption())
    .addOption(rootOption())
    .option(
      '--jobs <n>',
      'jobs at the same time (default: one a core)',
      positiveInteger,
      availableParallelism(),
    )
    .option(
      '--lock-seconds <n>',
      'a worker not heard of for so long has lost its jobs to the others',
      positiveInteger,
      30,
    )
    .action(
      async (options: {
        queue: string;
        storage: string;
        s3Endpoint?: string;
        root?: Record<string, string>;
        jobs: number;
        lockSeconds: number;
      }) => {
        const reporter = new Reporter();
        const { queue, storage, s3Endpoint, root, jobs, lockSeconds } = options;
        await work({
          queue,
          storage: { url: storage, ...(s3Endpoint !== undefined && { s3Endpoint }) },
          roots: rootsOf(root ?? {}, DATASET_NAMES),
          concurrency: jobs,
          lockSeconds,
          signal: abortOnInterrupt(reporter),
          reporter,
        });
      },
    );
}
