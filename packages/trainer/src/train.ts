import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arenaLayout, initialise, type ArenaLayout } from './arena.js';
import { averageDecayAt } from './averaging.js';
import type { BackendChoice } from './backend.js';
import {
  readCheckpoint,
  requireSameConfig,
  writeCheckpoint,
  type CheckpointMeta,
  type Position,
} from './checkpoint.js';
import { setsOf, type TrainingConfig } from './config.js';
import type { DatasetName, Split } from './datasets/dataset.js';
import { TrainerError } from './errors.js';
import { foldBatchNorm } from './fold.js';
import { loadInitialWeights } from './init.js';
import type { LoadedSplit } from './load-split.js';
import type { Reporter } from './reporter.js';
import { createRng } from './rng.js';
import { drawEpoch, epochSize, type SampledSet } from './sampling.js';
import { learningRateAt } from './schedule.js';
import { bestOfStage } from './selection.js';
import { SplitCache } from './split-cache.js';
import { requirePrecision, type StepResult } from './step.js';
import { outputsOf, taskOf } from './task.js';
import { validationOf, type Validated } from './validation.js';
import { allocateShared, WorkerPool } from './worker-pool.js';
import type { BatchPlan, SharedArrays } from './worker-protocol.js';

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
  readonly trainAccuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  readonly validationMeanClassAccuracy: number;
  /** Of the weights themselves, where the validated network is their average. */
  readonly rawValidationAccuracy?: number;
  readonly seconds: number;
}

/** What a checkpoint carries besides the arrays. */
interface RunProgress {
  /** Sums over the steps of the unfinished epoch. */
  readonly sums: StepResult & { readonly steps: number; readonly seconds: number };
  readonly history: readonly EpochRecord[];
}

/** The end of a run, or where it was interrupted. */
export interface TrainResult {
  readonly finished: boolean;
  /** Images of all stages that could not be read and were left out. */
  readonly unreadable: number;
  readonly history: readonly EpochRecord[];
}

const NO_SUMS: RunProgress['sums'] = {
  loss: 0,
  classification: 0,
  compactness: 0,
  distribution: 0,
  correct: 0,
  count: 0,
  steps: 0,
  seconds: 0,
};

/** First number of the random streams that belong to the mixing of a batch ({@link drawEpoch}). */
const MIXING_STREAM = 3;

/** File names inside the run folder. */
export const RUN_FILES = {
  config: 'config.json',
  log: 'log.jsonl',
  checkpoint: 'last.ckpt',
  best: 'best.ckpt',
} as const;

/** What a run carries from step to step, by the names of a checkpoint's arrays. */
function stateOf(shared: SharedArrays): Record<string, Float32Array> {
  const { arena, moment1, moment2, average } = shared;
  return { arena, moment1, moment2, ...(average && { average }) };
}

/** Start values, another run's weights, or the state of the run that is resumed. */
async function restore(
  options: TrainOptions,
  layout: ArenaLayout,
  shared: SharedArrays,
): Promise<CheckpointMeta> {
  const { config, backend, runFolder } = options;
  const fresh: CheckpointMeta = {
    config,
    workers: backend.workers,
    backend: backend.name,
    position: { stage: 0, epoch: 0, step: 0 },
    optimizerStep: 0,
    ancestors: [],
    progress: { sums: NO_SUMS, history: [] } satisfies RunProgress,
  };
  if (options.resume) {
    const path = join(runFolder, RUN_FILES.checkpoint);
    const { meta, arrays } = await readCheckpoint(path);
    requireSameConfig(path, meta.config, config);
    const { workers, backend: name } = meta;
    const here = { workers: backend.workers, backend: backend.name };
    requireSameConfig(path, { workers, backend: name }, here);
    for (const [name, array] of Object.entries(stateOf(shared))) array.set(arrays[name]!);
    return meta;
  }
  initialise(shared.arena, layout, createRng(config.seed, 0));
  const ancestors =
    options.init === undefined
      ? []
      : await loadInitialWeights(options.init, shared.arena, layout, options.reporter);
  shared.average?.set(shared.arena);
  return { ...fresh, ancestors };
}

/**
 * Runs the stages of a configuration: for each epoch every batch once (fetch, render, forward,
 * loss, gradients, Adam), then the validation split. Checkpoints every few minutes and after every
 * epoch; resumed, a run gives the same numbers as one that was never interrupted.
 *
 * @throws {TrainerError} `backend-unavailable` for bfloat16 without the native back end;
 *   `argument-invalid` with more workers than images in a batch, or where a run
 *   of this name would be overwritten;
 *   `training-diverged` when a loss is no longer finite; the last checkpoint
 *   then holds the last good state
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { config, runFolder, reporter, signal } = options;
  requireWork(options.backend.workers, config.batchSize);
  requirePrecision(config.precision, options.backend.name === 'native');
  requireFreshFolder(options);
  const layout = arenaLayout(config.network, outputsOf(config));
  const isAveraged = config.averaging.decay > 0;
  const shared = allocateShared(layout, options.backend.workers, isAveraged);
  /** What is validated, saved as the best, and goes on into the next stage. */
  const result = shared.average ?? shared.arena;
  const start = await restore(options, layout, shared);
  await mkdir(runFolder, { recursive: true });
  await writeFile(join(runFolder, RUN_FILES.config), `${JSON.stringify(config, null, 2)}\n`);

  const { workers, name: backend } = options.backend;
  const identity = { config, workers, backend, ancestors: start.ancestors };
  let position: Position = start.position;
  let { optimizerStep } = start;
  let { sums, history } = start.progress as RunProgress;

  const save = async (resumeAt: Position): Promise<void> => {
    requireFiniteWeights(shared.arena);
    const progress: RunProgress = { sums, history };
    const meta = { ...identity, position: resumeAt, optimizerStep, progress };
    await writeCheckpoint(join(runFolder, RUN_FILES.checkpoint), meta, stateOf(shared));
    await options.onSaved?.();
  };
  const saveBest = async (record: EpochRecord): Promise<void> => {
    requireFiniteWeights(shared.arena);
    const meta = { ...identity, position, optimizerStep };
    const files = [RUN_FILES.best, `best-stage${record.stage + 1}.ckpt`];
    for (const file of files) {
      const path = join(runFolder, file);
      await writeCheckpoint(path, { ...meta, progress: { record } }, { arena: result });
    }
  };

  const pool = await WorkerPool.create(options.backend);
  const splits = new SplitCache(pool);
  try {
    await pool.prepareTraining(config, shared);
    let lastSave = Date.now();
    for (; position.stage < config.stages.length; position = next(position, 'stage')) {
      const stage = config.stages[position.stage]!;
      const { imageSize, dataset, imagesPerEpoch, classBalance } = stage;
      reporter.stage(position.stage, config.stages.length, stage);
      const load = <S extends Split>(
        name: DatasetName,
        parts: readonly S[],
      ): Promise<Record<S, LoadedSplit>> => {
        const { fold, losses } = config;
        const { useVotes } = losses;
        const source = { name, root: options.roots[name], useVotes, fold, reporter };
        return splits.load(source, parts);
      };
      await splits.keepOnly(
        config.stages
          .slice(position.stage)
          .flatMap((later) => setsOf(later).map((set) => set.dataset)),
      );
      const { train: main, val: validation } = await load(dataset, ['train', 'val']);
      const sets: (LoadedSplit & SampledSet)[] = [];
      for (const set of setsOf(stage)) {
        const { train: part } =
          set.dataset === dataset ? { train: main } : await load(set.dataset, ['train']);
        sets.push({ ...part, ...set });
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
      for (; position.epoch < stage.epochs; position = next(position, 'epoch')) {
        const order = drawEpoch(sets, {
          seed: config.seed,
          stage: position.stage,
          epoch: position.epoch,
          imagesPerEpoch,
          classBalance,
        });
        const { stage: stageIndex, epoch } = position;
        const batchAt = (step: number): BatchPlan => ({
          items: order.slice(step * config.batchSize, (step + 1) * config.batchSize),
          imageSize,
          augmentation: config.augmentation,
          stream: [MIXING_STREAM, stageIndex, epoch, step],
        });
        while (position.step < stepsPerEpoch) {
          const began = Date.now();
          const done = position.epoch * stepsPerEpoch + position.step;
          const after = position.step + 1;
          const outcome = await pool.step(batchAt(position.step), {
            upcoming: after < stepsPerEpoch ? batchAt(after) : null,
            step: optimizerStep + 1,
            learningRate: learningRateAt(stage, done, stepsPerEpoch),
            averageDecay: averageDecayAt(config.averaging, done, stepsPerEpoch),
          });
          requireFinite(outcome, position);
          optimizerStep += 1;
          position = { ...position, step: position.step + 1 };
          sums = accumulate(sums, outcome, (Date.now() - began) / 1000);
          const perStep = sums.seconds / sums.steps;
          options.onStep?.(position, stepsPerEpoch);
          reporter.progress(
            `stage ${position.stage + 1}, epoch ${position.epoch + 1}/${stage.epochs}`,
            position.step,
            stepsPerEpoch,
            {
              'images/s': (config.batchSize / perStep).toFixed(1),
              loss: (sums.loss / sums.steps).toFixed(3),
              L_cls: (sums.classification / sums.steps).toFixed(3),
              L_C: (sums.compactness / sums.steps).toFixed(1),
              L_D: (sums.distribution / sums.steps).toFixed(5),
              accuracy: (sums.correct / sums.count).toFixed(3),
              validation: history.at(-1)?.validationAccuracy.toFixed(3) ?? '-',
              'stage left': reporter.duration((stage.epochs * stepsPerEpoch - done - 1) * perStep),
            },
          );
          const isDue = Date.now() - lastSave > options.checkpointMinutes * 60_000;
          if (signal.aborted || isDue) {
            await save(position);
            lastSave = Date.now();
          }
          if (signal.aborted) {
            return { finished: false, unreadable: splits.unreadable, history };
          }
        }
        const validationBegan = Date.now();
        const validate = async (arena: Float32Array): Promise<Validated> => {
          const { network } = config;
          const { slot, labels } = validation;
          const model = { network, weights: foldBatchNorm(arena, layout, network) };
          const logits = await pool.evaluate(slot, labels.length, model, { imageSize });
          return validationOf(taskOf(config), logits, validation);
        };
        const validated = await validate(result);
        const raw = isAveraged ? await validate(shared.arena) : undefined;
        const record: EpochRecord = {
          stage: position.stage,
          epoch: position.epoch,
          dataset,
          imageSize,
          learningRate: learningRateAt(
            stage,
            (position.epoch + 1) * stepsPerEpoch - 1,
            stepsPerEpoch,
          ),
          loss: sums.loss / sums.steps,
          classification: sums.classification / sums.steps,
          compactness: sums.compactness / sums.steps,
          distribution: sums.distribution / sums.steps,
          trainAccuracy: sums.correct / sums.count,
          validationLoss: validated.loss,
          validationAccuracy: validated.accuracy,
          validationMeanClassAccuracy: validated.meanClassAccuracy,
          ...(raw && { rawValidationAccuracy: raw.accuracy }),
          seconds: sums.seconds + (Date.now() - validationBegan) / 1000,
        };
        history = [...history, record];
        sums = NO_SUMS;
        const isBest = bestOfStage(history, position.stage, config.selectBy) === record;
        reporter.epoch(record, isBest);
        // The whole log: what another run, or one that ended before its checkpoint, left there goes.
        const lines = history.map((each) => `${JSON.stringify(each)}\n`);
        await writeFile(join(runFolder, RUN_FILES.log), lines.join(''));
        if (isBest) await saveBest(record);
        await save(next(position, 'epoch'));
        lastSave = Date.now();
      }
      shared.arena.set(result);
      shared.moment1.fill(0);
      shared.moment2.fill(0);
      optimizerStep = 0;
    }
  } finally {
    await pool.close();
  }
  return { finished: true, unreadable: splits.unreadable, history };
}

/** The beginning of the next epoch or stage. */
function next(position: Position, unit: 'stage' | 'epoch'): Position {
  return unit === 'stage'
    ? { stage: position.stage + 1, epoch: 0, step: 0 }
    : { stage: position.stage, epoch: position.epoch + 1, step: 0 };
}

function accumulate(
  sums: RunProgress['sums'],
  result: StepResult,
  seconds: number,
): RunProgress['sums'] {
  return {
    loss: sums.loss + result.loss,
    classification: sums.classification + result.classification,
    compactness: sums.compactness + result.compactness,
    distribution: sums.distribution + result.distribution,
    correct: sums.correct + result.correct,
    count: sums.count + result.count,
    steps: sums.steps + 1,
    seconds: sums.seconds + seconds,
  };
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

function requireFinite(result: StepResult, position: Position): void {
  const bad = Object.entries(result).filter(([, value]) => !Number.isFinite(value));
  if (bad.length === 0) return;
  throw new TrainerError(
    'training-diverged',
    `The ${bad.map(([name]) => name).join(', ')} term is no longer a finite number at stage ` +
      `${position.stage + 1}, epoch ${position.epoch + 1}, step ${position.step + 1}. ` +
      'The last checkpoint holds the state before. Lower the learning rate.',
  );
}

/** Hours of training must not be lost to a forgotten --resume. */
function requireFreshFolder({ runFolder, resume, overwrite, init }: TrainOptions): void {
  if (resume && init !== undefined) {
    throw new TrainerError(
      'argument-invalid',
      '--resume goes on with the weights of the run itself; --init would replace them. Give one.',
    );
  }
  if (resume || overwrite || !existsSync(join(runFolder, RUN_FILES.checkpoint))) return;
  throw new TrainerError(
    'argument-invalid',
    `${runFolder} holds a checkpoint. Go on with --resume, begin anew with --overwrite, or take ` +
      'another --name.',
  );
}

/** A finite loss can still have gradients that are not; such weights never reach a file. */
function requireFiniteWeights(arena: Float32Array): void {
  if (arena.every((value) => Number.isFinite(value))) return;
  throw new TrainerError(
    'training-diverged',
    'The weights hold values that are no finite numbers. The last checkpoint holds the state ' +
      'before. Lower the learning rate.',
  );
}
