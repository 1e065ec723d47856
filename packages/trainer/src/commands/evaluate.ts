import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import type { WeightsPrecision } from 'emotion-cam/network';
import type { BackendName } from '../backend.js';
import type { CheckpointMeta } from '../checkpoint.js';
import { EXPRESSION_SETS, SPLITS, type DatasetName, type Split } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { evaluate } from '../evaluate.js';
import { formatTable } from '../metrics.js';
import { modelOfCheckpoint, modelOfFolder, type EvaluatedModel } from '../model-source.js';
import { percent } from '../percent.js';
import { Reporter } from '../reporter.js';
import { announcedBackend, backendOption, positiveInteger } from './options.js';

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure a model or a checkpoint on a split of a data set')
    .option('--model <folder>', 'a model that export wrote, for example models/fdrl-ecanet')
    .addOption(
      new Option('--variant <precision>', 'weights of the model (default: its own choice)').choices(
        ['float16', 'uint8'],
      ),
    )
    .option('--checkpoint <file>', 'a checkpoint of a run, instead of --model')
    .option(
      '--image-size <pixels>',
      'input side for a checkpoint (default: its last stage)',
      positiveInteger,
    )
    .addOption(
      new Option('--dataset <name>', 'what to measure on')
        .choices(EXPRESSION_SETS)
        .makeOptionMandatory(),
    )
    .requiredOption('--root <folder>', 'the folder that holds the set in its official layout')
    .addOption(new Option('--split <split>', 'which part of it').choices(SPLITS).default('val'))
    .option('--flip', 'mean of the logits of each image and of its mirror image', false)
    .option('--json <file>', 'write the metrics here')
    .option('--workers <n>', 'workers on the CPU (default: one a core)', positiveInteger)
    .addOption(backendOption())
    .action(
      async (options: {
        model?: string;
        variant?: WeightsPrecision;
        checkpoint?: string;
        imageSize?: number;
        dataset: DatasetName;
        root: string;
        split: Split;
        flip: boolean;
        json?: string;
        workers?: number;
        backend: BackendName | 'auto';
      }) => {
        const reporter = new Reporter();
        const model = await evaluatedModel(options);
        const backend = await announcedBackend(options, reporter);
        const { dataset, root, split } = options;
        const [evaluation] = await evaluate({
          models: [model],
          dataset,
          root,
          split,
          fold: model.meta?.config.fold ?? null,
          isFlipped: options.flip,
          backend,
          reporter,
        });
        if (!evaluation) return;
        const { accuracy, meanClassAccuracy, macroF1, count, unreadable } = evaluation;
        reporter.line(formatTable(evaluation));
        reporter.line(
          `accuracy ${percent(accuracy, 2)}, mean class ${percent(meanClassAccuracy, 2)}, ` +
            `macro F1 ${macroF1.toFixed(4)}, ${count} images, ${unreadable} unreadable`,
        );
        if (options.json === undefined) return;
        await mkdir(dirname(options.json), { recursive: true });
        await writeFile(options.json, `${JSON.stringify(evaluation, null, 2)}\n`);
        reporter.line(`Written: ${options.json}`);
      },
    );
}

/** The model or the checkpoint that the options name; exactly one of them. */
function evaluatedModel(options: {
  model?: string;
  variant?: WeightsPrecision;
  checkpoint?: string;
  imageSize?: number;
}): Promise<EvaluatedModel & { readonly meta?: CheckpointMeta }> {
  const { model, checkpoint } = options;
  if (model !== undefined && checkpoint === undefined) return modelOfFolder(model, options.variant);
  if (checkpoint !== undefined && model === undefined) {
    return modelOfCheckpoint(checkpoint, options.imageSize);
  }
  throw new TrainerError('argument-invalid', 'Give either --model or --checkpoint.');
}
