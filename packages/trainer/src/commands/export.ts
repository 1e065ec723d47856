import { Command, Option } from 'commander';
import type { BackendName } from '../backend.js';
import { commandLine } from '../command-line.js';
import { DATASET_NAMES, type DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { exportModel } from '../export/export-model.js';
import { Reporter } from '../reporter.js';
import { announcedBackend, backendOption, positiveInteger } from './options.js';

export function exportCommand(): Command {
  return new Command('export')
    .description(
      'write a model for the SDK: manifest, weights as float16 and uint8, golden outputs',
    )
    .requiredOption('--checkpoint <file>', 'the weights, for example runs/<run>/best.ckpt')
    .option('--name <model>', 'name of the model and of its folder', 'fdrl-ecanet')
    .option('--out <folder>', 'where the folder of the model goes', 'models')
    .option(
      '--image-size <pixels>',
      'input side of the model (default: its last stage)',
      positiveInteger,
    )
    .addOption(
      new Option('--dataset <name>', 'validation data for the metrics').choices(DATASET_NAMES),
    )
    .option('--root <folder>', 'where the validation data is')
    .option('--workers <n>', 'workers on the CPU (default: one a core)', positiveInteger)
    .addOption(backendOption())
    .action(
      async (options: {
        checkpoint: string;
        name: string;
        out: string;
        imageSize?: number;
        dataset?: DatasetName;
        root?: string;
        workers?: number;
        backend: BackendName | 'auto';
      }) => {
        const reporter = new Reporter();
        const { checkpoint, name, out, imageSize, dataset, root } = options;
        if ((dataset === undefined) !== (root === undefined)) {
          throw new TrainerError('argument-invalid', 'Give both --dataset and --root, or neither.');
        }
        const folder = await exportModel({
          checkpoint,
          name,
          out,
          ...(imageSize === undefined ? {} : { imageSize }),
          validation: dataset !== undefined && root !== undefined ? { dataset, root } : undefined,
          backend: await announcedBackend(options, reporter),
          command: commandLine(),
          reporter,
        });
        reporter.line(`Written: ${folder}`);
      },
    );
}
