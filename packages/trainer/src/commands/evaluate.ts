import { Command, InvalidArgumentError, Option } from 'commander';
import type { WeightsPrecision } from 'emotion-cam/network';
import type { BackendName } from '../backend.js';
import type { CheckpointMeta } from '../checkpoint.js';
import { EXPRESSION_SETS, SPLITS, type DatasetName, type Split } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { evaluateEndToEnd, type EndToEndEvaluation } from '../end-to-end/evaluate-end-to-end.js';
import { formatEndToEnd } from '../end-to-end/format-end-to-end.js';
import { SDK_BACKENDS, type SdkBackend } from '../end-to-end/sdk-page.js';
import { evaluate, type Evaluation } from '../evaluate.js';
import { formatTable } from '../metrics.js';
import { modelOfCheckpoint, modelOfFolder, type EvaluatedModel } from '../model-source.js';
import { Reporter } from '../reporter.js';
import { formatRobustness, measureRobustness, type Robustness } from '../robustness.js';
import { writeJson } from '../write-json.js';
import {
  announcedBackend,
  backendOption,
  typedFlags,
  positiveInteger,
  rootOf,
  rootOption,
} from './options.js';

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
    .addOption(rootOption().makeOptionMandatory())
    .addOption(new Option('--split <split>', 'which part of it').choices(SPLITS).default('val'))
    .option('--flip', 'mean of the logits of each image and of its mirror image', false)
    .option('--robustness', 'the same again on blurred, darkened, rolled, covered … images', false)
    .option(
      '--end-to-end',
      'run the images through the built SDK in headless Chromium: detector, crop, network',
      false,
    )
    .option(
      '--pad <sides>',
      'end to end: canvas around each image, in sides of the image, filled with its mean colour ' +
        '(default: 2 for sets of tight crops, 1 for whole pictures)',
      padding,
    )
    .option(
      '--limit <n>',
      'end to end: only so many images, evenly over the split',
      positiveInteger,
    )
    .addOption(
      new Option('--sdk-backend <name>', 'end to end: where the SDK computes')
        .choices(SDK_BACKENDS)
        .default('wasm'),
    )
    .option('--json <file>', 'write the metrics here')
    .option('--workers <n>', 'workers on the CPU (default: one a core)', positiveInteger)
    .addOption(backendOption())
    .action(async (options: EvaluateCommandOptions, command: Command) => {
      const reporter = new Reporter();
      requireFitting(command, options.endToEnd);
      const result = options.endToEnd
        ? await endToEnd(options, reporter)
        : await inTheTrainer(options, reporter);
      if (options.json === undefined) return;
      await writeJson(options.json, result);
      reporter.line(`Written: ${options.json}`);
    });
}

interface EvaluateCommandOptions {
  readonly model?: string;
  readonly variant?: WeightsPrecision;
  readonly checkpoint?: string;
  readonly imageSize?: number;
  readonly dataset: DatasetName;
  readonly root: Record<string, string>;
  readonly split: Split;
  readonly flip: boolean;
  readonly robustness: boolean;
  readonly endToEnd: boolean;
  readonly pad?: number;
  readonly limit?: number;
  readonly sdkBackend: SdkBackend;
  readonly json?: string;
  readonly workers?: number;
  readonly backend: BackendName | 'auto';
}

/** Options that have a meaning only in the trainer, or only end to end. */
const TRAINER_ONLY = [
  'variant',
  'checkpoint',
  'imageSize',
  'flip',
  'robustness',
  'workers',
  'backend',
];
const END_TO_END_ONLY = ['pad', 'limit', 'sdkBackend'];

/** An option without effect would mislead. */
function requireFitting(command: Command, isEndToEnd: boolean): void {
  const flags = typedFlags(command, isEndToEnd ? TRAINER_ONLY : END_TO_END_ONLY);
  if (flags.length === 0) return;
  throw new TrainerError(
    'argument-invalid',
    isEndToEnd
      ? `${flags.join(', ')}: not with --end-to-end, which measures an exported model (--model, by ` +
          'default the packaged one) as the SDK loads it, on --sdk-backend.'
      : `${flags.join(', ')}: only with --end-to-end.`,
  );
}

async function inTheTrainer(
  options: EvaluateCommandOptions,
  reporter: Reporter,
): Promise<Evaluation & { readonly robustness?: Robustness }> {
  const model = await evaluatedModel(options);
  const backend = await announcedBackend(options, reporter);
  const { dataset, split } = options;
  const source = {
    dataset,
    root: rootOf(options.root, dataset),
    split,
    fold: model.meta?.config.fold ?? null,
    isFlipped: options.flip,
    backend,
    reporter,
  };
  const [evaluation] = await evaluate({ ...source, models: [model] });
  reporter.line(formatTable(evaluation!));
  reporter.line(`unreadable                  ${evaluation!.unreadable}, in no number`);
  if (!options.robustness) return evaluation!;
  const robustness = await measureRobustness(model, evaluation!, source);
  reporter.line(formatRobustness(robustness));
  return { ...evaluation!, robustness };
}

async function endToEnd(
  options: EvaluateCommandOptions,
  reporter: Reporter,
): Promise<EndToEndEvaluation> {
  const { model, dataset, split, pad, limit, sdkBackend } = options;
  const evaluation = await evaluateEndToEnd({
    ...(model === undefined ? {} : { model }),
    ...(pad === undefined ? {} : { pad }),
    ...(limit === undefined ? {} : { limit }),
    dataset,
    root: rootOf(options.root, dataset),
    split,
    backend: sdkBackend,
    reporter,
  });
  reporter.line(formatEndToEnd(evaluation));
  return evaluation;
}

function padding(value: string): number {
  const number = Number(value);
  if (!(number >= 1 && number <= 8)) {
    throw new InvalidArgumentError('It must be a number from 1 to 8.');
  }
  return number;
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
