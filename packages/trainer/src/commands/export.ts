import { Command, InvalidArgumentError, Option } from 'commander';
import type { BackendName } from '../backend.js';
import { commandLine } from '../command-line.js';
import { EXPRESSION_SETS, type DatasetName } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import {
  EXPORT_FORMATS,
  exportFiles,
  type ExportFormat,
  type ExportOrigin,
} from '../export/export-files.js';
import { BATCH_NORM_FORMS, type BatchNormForm } from '../export/export-safetensors.js';
import { Reporter } from '../reporter.js';
import { announcedBackend, backendOption, positiveInteger, rootOf, rootOption } from './options.js';

interface CommandOptions {
  readonly checkpoint?: string;
  readonly model?: string;
  readonly format?: readonly ExportFormat[];
  readonly batchNorm?: BatchNormForm;
  readonly name: string;
  readonly out: string;
  readonly imageSize?: number;
  readonly dataset?: DatasetName;
  readonly record?: string;
  readonly root?: Record<string, string>;
  readonly workers?: number;
  readonly backend: BackendName | 'auto';
}

export function exportCommand(): Command {
  return new Command('export')
    .description(
      'write a model: tfjs for the SDK (manifest, weights as float16 and uint8, golden outputs), ' +
        'safetensors or ONNX for other runtimes',
    )
    .option('--checkpoint <file>', 'the weights, for example runs/<run>/best.ckpt')
    .option('--model <folder>', 'instead: a model that export wrote (safetensors, onnx)')
    .option(
      '--format <list>',
      `${EXPORT_FORMATS.join(', ')}; several with commas (default: tfjs)`,
      collectFormats,
    )
    .addOption(
      new Option(
        '--batch-norm <form>',
        'in safetensors: separate from the convolutions, to train on, or folded into them ' +
          '(default: separate; of a --model: folded)',
      ).choices(BATCH_NORM_FORMS),
    )
    .option('--name <model>', 'name of the model: of its folder, or of its file', 'fdrl-ecanet')
    .option('--out <folder>', 'where the folder or file of the model goes', 'models')
    .option(
      '--image-size <pixels>',
      'input side of the model (default: its last stage)',
      positiveInteger,
    )
    .addOption(
      new Option('--dataset <name>', 'validation data for the metrics').choices(EXPRESSION_SETS),
    )
    .addOption(rootOption())
    .option(
      '--record <folder>',
      'tfjs: the runs behind it, a folder with log.jsonl each; their time goes into the model card',
    )
    .option('--workers <n>', 'workers on the CPU (default: one a core)', positiveInteger)
    .addOption(backendOption())
    .action(async (options: CommandOptions) => {
      const reporter = new Reporter();
      const {
        format: formats = ['tfjs'],
        batchNorm,
        name,
        out,
        imageSize,
        dataset,
        root,
      } = options;
      if ((dataset === undefined) !== (root === undefined)) {
        throw new TrainerError('argument-invalid', 'Give both --dataset and --root, or neither.');
      }
      const written = await exportFiles({
        origin: originOf(options),
        formats,
        batchNorm,
        name,
        out,
        ...(imageSize === undefined ? {} : { imageSize }),
        validation:
          dataset !== undefined && root !== undefined
            ? { dataset, root: rootOf(root, dataset) }
            : undefined,
        backend: await announcedBackend(options, reporter),
        command: commandLine(),
        record: options.record,
        reporter,
      });
      for (const path of written) reporter.line(`Written: ${path}`);
    });
}

/** `onnx,tfjs`, and again for each further `--format`. */
function collectFormats(value: string, previous: readonly ExportFormat[] = []): ExportFormat[] {
  const names = value.split(',').map((name) => name.trim());
  const isFormat = (name: string): name is ExportFormat =>
    EXPORT_FORMATS.some((format) => format === name);
  if (!names.every(isFormat)) {
    throw new InvalidArgumentError(`Formats: ${EXPORT_FORMATS.join(', ')}.`);
  }
  return [...new Set([...previous, ...names])];
}

function originOf({ checkpoint, model }: CommandOptions): ExportOrigin {
  if (checkpoint !== undefined && model === undefined) return { checkpoint };
  if (model !== undefined && checkpoint === undefined) return { model };
  throw new TrainerError('argument-invalid', 'Give either --checkpoint or --model.');
}
