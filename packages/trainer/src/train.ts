import { averageDecayAt } from './averaging.js';
import type { BackendChoice } from './backend.js';
import type { Position } from './checkpoint.js';
import { datasetsOf, setsOf, type StageConfig, type TrainingConfig } from './config.js';
import type { DatasetName, Split } from './datasets/dataset.js';
import { TrainerError } from './errors.js';
import { foldBatchNorm } from './fold.js';
import type { LoadedSplit } from './load-split.js';
import type { Reporter } from './reporter.js';
import { RunState } from './run-state.js';
import { drawEpoch, epochSize, type SampledSet } from './sampling.js';
import { learningRateAt } from './schedule.js';
import { SplitCache } from './split-cache.js';
import { requirePrecision } from './step.js';
import { taskOf } from './task.js';
import { validationOf, type Validated } from './validation.js';
import { loadTeacher } from './teacher.js';
import { planObstacle } from './webgpu/plan-limits.js';
import { WorkerPool } from './worker-pool.js';
import type { BatchPlan } from './worker-protocol.js';

/** What a run needs besides its configuration. */
export interface TrainOptions {
  readonly config: TrainingConfig;
  /** Folder of each data set that the stages name. */
  readonly roots: Readonly<Partial<Record<DatasetName, string>>>;
  /** Where checkpoints, the log and the metrics go. */
  readonly runFolder: string;
  readonly backend: BackendChoice;
  readonly resume: boolean;
  /** Begin anew where a run of this name has left a checkpoint. */
  readonly overwrite: boolean;
  /** A file whose weights the run starts from, those that fit ({@link loadInitialWeights}). */
  readonly init?: string;
  readonly checkpointMinutes: number;
  /** Called after every step, with the next one to do. */
  readonly onStep?: (position: Position, stepsPerEpoch: number) => void;
  /** Called when the run folder holds a new state to resume from; the run waits for it. */
  readonly onSaved?: () => Promise<void>;
  /** Stops the run after the step in progress; a checkpoint is written first. */
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/** One epoch as the log and the reports have it; accuracies are shares, 0..1. */
export interface EpochRecord {
  readonly stage: number;
  readonly epoch: number;
  readonly dataset: DatasetName;
  readonly imageSize: number;
  readonly learningRate: number;
  readonly loss: number;
  readonly classification: number;
  readonly compactness: number;
  readonly distribution: number;
  /** Only with a teacher. */
  readonly distillation?: number;
  readonly trainAccuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  readonly validationMeanClassAccuracy: number;
  /** Of the weights themselves, where the validated network is their average. */
  readonly rawValidationAccuracy?: number;
  readonly seconds: number;
}

/** The end of a run, or where it was interrupted. */
export interface TrainResult {
  readonly finished: boolean;
  /** Images of all stages that could not be read and were left out. */
  readonly unreadable: number;
  readonly history: readonly EpochRecord[];
}

/** First number of the random streams that belong to the mixing of a batch ({@link drawEpoch}). */
const MIXING_STREAM = 3;

/**
 * Runs the stages of a configuration: for each epoch every batch once (fetch, render, forward,
 * loss, gradients, Adam), then the validation split. Checkpoints every few minutes and after every
 * epoch; resumed, a run gives the same numbers as one that was never interrupted.
 *
 * @throws {TrainerError} `argument-invalid` with more workers than images in a batch;
 *   `backend-unavailable` for bfloat16 without the native back end; those of {@link RunState.open};
 *   `training-diverged` when a loss is no longer finite; `dataset-changed` in a run that is resumed on
 *   other data; `output-failed` when the disk is full. The last checkpoint then holds the last good
 *   state
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { config, backend, reporter, signal } = options;
  requireWork(backend.workers, config.batchSize);
  requirePrecision(config.precision, backend.name === 'native');
  const teacher = await loadTeacher(config);
  const run = await RunState.open({ ...options, teacher });
  const obstacle = backend.name === 'webgpu' ? planObstacle(config.network) : undefined;
  if (obstacle !== undefined) {
    reporter.line(
      `Steps run on TensorFlow.js' kernels, which is slower: the network cannot be planned, as ${obstacle}.`,
    );
  }
  const pool = await WorkerPool.create(backend);
  const splits = new SplitCache(pool);
  const end = (finished: boolean): TrainResult => ({
    finished,
    unreadable: splits.unreadable,
    history: run.history,
  });
  try {
    await pool.prepareTraining(config, run.shared, teacher);
    while (run.position.stage < config.stages.length) {
      const stage = config.stages[run.position.stage]!;
      reporter.stage(run.position.stage, config.stages.length, stage);
      const { sets, validation, stepsPerEpoch } = await loadStage(
        splits,
        run.position.stage,
        options,
      );
      run.useData([...sets, validation]);

      while (run.position.epoch < stage.epochs) {
        const { seed, augmentation, averaging, batchSize } = config;
        const { imageSize, imagesPerEpoch, classBalance } = stage;
        const { stage: stageIndex, epoch } = run.position;
        const order = drawEpoch(sets, {
          ...{ seed, stage: stageIndex, epoch },
          ...{ imagesPerEpoch, classBalance },
        });
        const batchAt = (step: number): BatchPlan => ({
          items: order.slice(step * batchSize, (step + 1) * batchSize),
          imageSize,
          augmentation,
          stream: [MIXING_STREAM, stageIndex, epoch, step],
          teacherImageSize: teacher?.imageSize,
        });
        while (run.position.step < stepsPerEpoch) {
          const began = Date.now();
          const { step } = run.position;
          const done = epoch * stepsPerEpoch + step;
          const results = await pool.step(batchAt(step), {
            upcoming: step + 1 < stepsPerEpoch ? batchAt(step + 1) : null,
            step: run.optimizerStep,
            learningRate: learningRateAt(stage, done, stepsPerEpoch),
            averageDecay: averageDecayAt(averaging, done, stepsPerEpoch),
          });
          run.stepTaken();
          run.addSeconds((Date.now() - began) / 1000);
          for (const result of results) run.addResult(result);
          options.onStep?.(run.position, stepsPerEpoch);
          showProgress(run, stage, stepsPerEpoch, options);
          const isDue = run.minutesSinceSaved > options.checkpointMinutes;
          if (signal.aborted || isDue) {
            await settle(run, pool);
            await run.save();
          }
          if (signal.aborted) return end(false);
        }
        await settle(run, pool);
        const record = await validate(run, stage, stepsPerEpoch, pool, validation);
        const isBest = run.epochDone(record);
        reporter.epoch(record, isBest); // before it is saved: a killed job's log is kept with its state
        await run.saveEpoch(record, isBest);
      }
      run.beginNextStage();
    }
  } finally {
    await pool.close();
  }
  return end(true);
}

/** Waits for steps that are under way: what is measured or saved is whole. */
async function settle(run: RunState, pool: WorkerPool): Promise<void> {
  const began = Date.now();
  const results = await pool.settle();
  run.addSeconds((Date.now() - began) / 1000);
  for (const result of results) run.addResult(result);
}

/** The data of a stage at the workers; what no later stage needs is freed. */
async function loadStage(
  splits: SplitCache,
  index: number,
  { config, roots, reporter }: TrainOptions,
): Promise<{
  readonly sets: readonly (LoadedSplit & SampledSet)[];
  readonly validation: LoadedSplit;
  readonly stepsPerEpoch: number;
}> {
  const stage = config.stages[index]!;
  const { dataset, imagesPerEpoch } = stage;
  const load = <S extends Split>(
    name: DatasetName,
    parts: readonly S[],
  ): Promise<Record<S, LoadedSplit>> => {
    const { fold, losses } = config;
    const { useVotes } = losses;
    return splits.load({ name, root: roots[name], useVotes, fold, reporter }, parts);
  };
  await splits.keepOnly(datasetsOf(config.stages.slice(index)));
  const { train: own, val: validation } = await load(dataset, ['train', 'val']);
  const sets: (LoadedSplit & SampledSet)[] = [];
  for (const set of setsOf(stage)) {
    const part = set.dataset === dataset ? own : (await load(set.dataset, ['train'])).train;
    sets.push({ ...part, share: set.share });
  }
  const images = epochSize(imagesPerEpoch, sets);
  const stepsPerEpoch = Math.floor(images / config.batchSize);
  if (stepsPerEpoch === 0) {
    throw new TrainerError(
      'config-invalid',
      `An epoch of ${dataset} has ${images} training images, fewer than one batch of ` +
        `${config.batchSize}. Lower batchSize.`,
    );
  }
  return { sets, validation, stepsPerEpoch };
}

/** Measures the epoch that has just ended; with averaging also what it would be without. */
async function validate(
  run: RunState,
  stage: StageConfig,
  stepsPerEpoch: number,
  pool: WorkerPool,
  validation: LoadedSplit,
): Promise<EpochRecord> {
  const began = Date.now();
  const { imageSize, dataset } = stage;
  const { config, layout, shared, sums } = run;
  const measure = async (arena: Float32Array): Promise<Validated> => {
    const { network } = config;
    const { slot, labels } = validation;
    const model = { network, weights: foldBatchNorm(arena, layout, network) };
    const logits = await pool.evaluate(slot, labels.length, model, { imageSize });
    return validationOf(taskOf(config), logits, validation);
  };
  const validated = await measure(run.result);
  const raw = shared.average && (await measure(shared.arena));
  const { stage: index, epoch } = run.position;
  return {
    stage: index,
    epoch,
    dataset,
    imageSize,
    learningRate: learningRateAt(stage, (epoch + 1) * stepsPerEpoch - 1, stepsPerEpoch),
    loss: sums.loss / sums.steps,
    classification: sums.classification / sums.steps,
    compactness: sums.compactness / sums.steps,
    distribution: sums.distribution / sums.steps,
    ...(config.distillation.teacher !== '' && { distillation: sums.distillation / sums.steps }),
    trainAccuracy: sums.correct / sums.count,
    validationLoss: validated.loss,
    validationAccuracy: validated.accuracy,
    validationMeanClassAccuracy: validated.meanClassAccuracy,
    ...(raw && { rawValidationAccuracy: raw.accuracy }),
    seconds: sums.seconds + (Date.now() - began) / 1000,
  };
}

/** The bar of the epoch in progress. */
function showProgress(
  { position, sums, history }: RunState,
  stage: StageConfig,
  stepsPerEpoch: number,
  { config, reporter }: TrainOptions,
): void {
  // Steps on a graphics card are only known to have taken their time when results have come back.
  const perStep = sums.steps > 0 ? sums.seconds / position.step : undefined;
  const mean = (sum: number, digits: number): string =>
    sums.steps > 0 ? (sum / sums.steps).toFixed(digits) : '-';
  const left = stage.epochs * stepsPerEpoch - position.epoch * stepsPerEpoch - position.step;
  reporter.progress(
    `stage ${position.stage + 1}, epoch ${position.epoch + 1}/${stage.epochs}`,
    position.step,
    stepsPerEpoch,
    {
      'images/s': perStep === undefined ? '-' : (config.batchSize / perStep).toFixed(1),
      loss: mean(sums.loss, 3),
      L_cls: mean(sums.classification, 3),
      L_C: mean(sums.compactness, 1),
      L_D: mean(sums.distribution, 5),
      ...(config.distillation.teacher !== '' && {
        teacher: mean(sums.distillation, 3),
      }),
      accuracy: sums.count > 0 ? (sums.correct / sums.count).toFixed(3) : '-',
      validation: history.at(-1)?.validationAccuracy.toFixed(3) ?? '-',
      'stage left': perStep === undefined ? '-' : reporter.duration(left * perStep),
    },
  );
}

/** A worker without images would have no gradient. */
function requireWork(workers: number, batchSize: number): void {
  if (workers <= batchSize) return;
  throw new TrainerError(
    'argument-invalid',
    `A batch of ${batchSize} images cannot be shared by ${workers} workers. ` +
      `Use --workers ${batchSize} or fewer, or raise batchSize.`,
  );
}
