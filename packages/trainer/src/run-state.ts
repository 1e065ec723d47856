import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { arenaLayout, initialise, type ArenaLayout } from './arena.js';
import type { BackendChoice } from './backend.js';
import {
  requireSameConfig,
  writeCheckpoint,
  type Ancestor,
  type CheckpointMeta,
  type Position,
} from './checkpoint.js';
import type { TrainingConfig } from './config.js';
import { TrainerError } from './errors.js';
import { requireFiniteLoss, requireFiniteWeights } from './finite.js';
import { loadInitialWeights } from './init.js';
import type { LoadedSplit } from './load-split.js';
import type { Reporter } from './reporter.js';
import { createRng } from './rng.js';
import {
  bestOfStageFile,
  discardRun,
  PREVIOUS_CHECKPOINTS,
  readNewest,
  replaceByCopy,
  requireFreshFolder,
  RUN_FILES,
} from './run-folder.js';
import { bestOfStage } from './selection.js';
import type { StepResult } from './step.js';
import { outputsOf } from './task.js';
import type { Teacher } from './teacher.js';
import type { EpochRecord } from './train.js';
import { allocateShared } from './worker-pool.js';
import type { SharedArrays } from './worker-protocol.js';
import { writeWholeFile } from './write-json.js';

/** Where a run's state comes from and goes to. */
export interface RunOptions {
  readonly config: TrainingConfig;
  readonly runFolder: string;
  readonly backend: BackendChoice;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly init?: string;
  readonly onSaved?: () => Promise<void>;
  readonly teacher: Teacher | null;
  readonly reporter: Reporter;
}

/** Sums over the steps of the unfinished epoch. */
export type EpochSums = StepResult & { readonly steps: number; readonly seconds: number };

/** What a checkpoint carries besides the arrays. */
interface RunProgress {
  readonly sums: EpochSums;
  readonly history: readonly EpochRecord[];
  /**
   * The splits of the stage, by their names at the workers; missing between two stages and in
   * checkpoints of older versions.
   */
  readonly data?: Readonly<Record<string, SplitMark>> | undefined;
  /** Of the teacher's weights. */
  readonly teacher?: string | undefined;
}

/** What tells whether a split is still the same. */
interface SplitMark {
  readonly images: number;
  readonly fingerprint: string;
}

const NO_SUMS: EpochSums = {
  loss: 0,
  classification: 0,
  compactness: 0,
  distribution: 0,
  distillation: 0,
  correct: 0,
  count: 0,
  steps: 0,
  seconds: 0,
};

const BEGINNING: Position = { stage: 0, epoch: 0, step: 0 };

/** Everything that a run carries from step to step, and how it is saved. */
export class RunState {
  readonly layout: ArenaLayout;
  readonly shared: SharedArrays;
  readonly #options: RunOptions;
  readonly #ancestors: readonly Ancestor[];
  #position = BEGINNING;
  /** Steps of Adam since the stage began. */
  #optimizerStep = 0;
  #sums = NO_SUMS;
  #history: readonly EpochRecord[] = [];
  #data: RunProgress['data'];
  #savedAt = Date.now();

  private constructor(
    options: RunOptions,
    layout: ArenaLayout,
    shared: SharedArrays,
    ancestors: readonly Ancestor[],
  ) {
    this.#options = options;
    this.layout = layout;
    this.shared = shared;
    this.#ancestors = ancestors;
  }

  /**
   * Start values, weights from elsewhere, or the state of the run that is resumed.
   *
   * @throws {TrainerError} `argument-invalid` where a run would be overwritten; `checkpoint-config`
   *   where another run would be resumed; those of `readNewest` and `loadInitialWeights`
   */
  static async open(options: RunOptions): Promise<RunState> {
    const { config, runFolder, backend, resume, init, reporter } = options;
    requireFreshFolder(options);
    const layout = arenaLayout(config.network, outputsOf(config));
    const shared = allocateShared(layout, backend.workers, config.averaging.decay > 0);
    let run: RunState;
    if (resume) {
      const { path, meta, arrays } = await readNewest(runFolder, reporter);
      requireSameConfig(path, meta.config, config);
      const there = { workers: meta.workers, backend: meta.backend };
      requireSameConfig(path, there, { workers: backend.workers, backend: backend.name });
      const { teacher } = meta.progress as RunProgress;
      requireSameConfig(path, { teacher }, { teacher: options.teacher?.sha256 });
      run = new RunState(options, layout, shared, meta.ancestors);
      for (const [name, array] of Object.entries(run.#arrays)) array.set(arrays[name]!);
      run.#restore(meta);
    } else {
      initialise(shared.arena, layout, createRng(config.seed, 0));
      const ancestors =
        init === undefined ? [] : await loadInitialWeights(init, shared.arena, layout, reporter);
      shared.average?.set(shared.arena);
      await discardRun(runFolder);
      run = new RunState(options, layout, shared, ancestors);
    }
    await mkdir(runFolder, { recursive: true });
    await writeWholeFile(join(runFolder, RUN_FILES.config), `${JSON.stringify(config, null, 2)}\n`);
    return run;
  }

  get config(): TrainingConfig {
    return this.#options.config;
  }

  /** The next step to do. */
  get position(): Position {
    return this.#position;
  }

  /** Number of the next step of Adam, from 1. */
  get optimizerStep(): number {
    return this.#optimizerStep + 1;
  }

  get sums(): EpochSums {
    return this.#sums;
  }

  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  /** The network that is validated, saved as the best, and goes on into the next stage. */
  get result(): Float32Array {
    return this.shared.average ?? this.shared.arena;
  }

  get minutesSinceSaved(): number {
    return (Date.now() - this.#savedAt) / 60_000;
  }

  /**
   * Takes note of the data of a stage; in the middle of one, it must be what it was.
   *
   * @throws {TrainerError} `dataset-changed`
   */
  useData(splits: readonly LoadedSplit[]): void {
    const before = this.#data;
    this.#data = Object.fromEntries(
      splits.map(({ slot, labels, fingerprint }) => [slot, { images: labels.length, fingerprint }]),
    );
    if (!before) return;
    for (const [slot, { images, fingerprint }] of Object.entries(this.#data)) {
      const then = before[slot];
      if (then?.fingerprint === fingerprint) continue;
      throw new TrainerError(
        'dataset-changed',
        `The images of ${slot} are not those that this stage began with: ` +
          `${then ? `${then.images} then, ${images} now` : 'it had none of them'}; names, labels, ` +
          'contents or order differ. Bring the data back as it was, or start a new run from these ' +
          'weights with --init.',
      );
    }
  }

  /** A step has been taken, if it is still under way; its result comes with {@link addResult}. */
  stepTaken(): void {
    this.#optimizerStep += 1;
    this.#position = { ...this.#position, step: this.#position.step + 1 };
  }

  /** Adds to what this epoch's steps have taken. */
  addSeconds(seconds: number): void {
    this.#sums = { ...this.#sums, seconds: this.#sums.seconds + seconds };
  }

  /**
   * The result of the earliest of this epoch's steps that has none.
   *
   * @throws {TrainerError} `training-diverged`
   */
  addResult(result: StepResult): void {
    const { sums } = this;
    requireFiniteLoss(result, { ...this.#position, step: sums.steps });
    this.#sums = {
      loss: sums.loss + result.loss,
      classification: sums.classification + result.classification,
      compactness: sums.compactness + result.compactness,
      distribution: sums.distribution + result.distribution,
      distillation: sums.distillation + result.distillation,
      correct: sums.correct + result.correct,
      count: sums.count + result.count,
      steps: sums.steps + 1,
      seconds: sums.seconds,
    };
  }

  /**
   * An epoch has been validated: the next one is begun.
   *
   * @returns whether it is the best of its stage
   */
  epochDone(record: EpochRecord): boolean {
    const { stage, epoch } = this.#position;
    this.#history = [...this.#history, record];
    this.#sums = NO_SUMS;
    this.#position = { stage, epoch: epoch + 1, step: 0 };
    return bestOfStage(this.#history, stage, this.config.selectBy) === record;
  }

  /** Writes the log and the checkpoints after an epoch. */
  async saveEpoch(record: EpochRecord, isBest: boolean): Promise<void> {
    // The whole log: what another run, or one that ended before its checkpoint, left there goes.
    const lines = this.#history.map((each) => `${JSON.stringify(each)}\n`);
    await writeWholeFile(join(this.#options.runFolder, RUN_FILES.log), lines.join(''));
    if (isBest) await this.#saveBest(record);
    await this.save();
  }

  /** The next stage starts from the result of this one, with fresh moments. */
  beginNextStage(): void {
    const { arena, moment1, moment2 } = this.shared;
    arena.set(this.result);
    moment1.fill(0);
    moment2.fill(0);
    this.#optimizerStep = 0;
    this.#position = { stage: this.#position.stage + 1, epoch: 0, step: 0 };
    this.#data = undefined;
  }

  /** Writes the last checkpoint; the two before it are kept. */
  async save(): Promise<void> {
    const { runFolder, onSaved, teacher } = this.#options;
    requireFiniteWeights(this.shared.arena);
    const progress: RunProgress = {
      sums: this.#sums,
      history: this.#history,
      data: this.#data,
      teacher: teacher?.sha256,
    };
    const path = join(runFolder, RUN_FILES.checkpoint);
    await writeCheckpoint(path, this.#meta(progress), this.#arrays, PREVIOUS_CHECKPOINTS);
    this.#savedAt = Date.now();
    await onSaved?.();
  }

  async #saveBest(record: EpochRecord): Promise<void> {
    const { runFolder } = this.#options;
    requireFiniteWeights(this.result);
    const path = join(runFolder, bestOfStageFile(record.stage));
    await writeCheckpoint(path, this.#meta({ record }), { arena: this.result });
    await replaceByCopy(path, join(runFolder, RUN_FILES.best));
  }

  /** By the names of a checkpoint's arrays. */
  get #arrays(): Record<string, Float32Array> {
    const { arena, moment1, moment2, average } = this.shared;
    return { arena, moment1, moment2, ...(average && { average }) };
  }

  #meta(progress: unknown): CheckpointMeta {
    const { backend, teacher } = this.#options;
    return {
      config: this.config,
      workers: backend.workers,
      backend: backend.name,
      position: this.#position,
      ancestors: this.#ancestors,
      ...(teacher && { teacher: teacher.lineage }),
      optimizerStep: this.#optimizerStep,
      progress,
    };
  }

  #restore({ position, optimizerStep, progress }: CheckpointMeta): void {
    const { sums, history, data } = progress as RunProgress;
    this.#position = position;
    this.#optimizerStep = optimizerStep;
    this.#sums = { ...NO_SUMS, ...sums };
    this.#history = history;
    this.#data = data;
    if (position.epoch === this.config.stages[position.stage]!.epochs) this.beginNextStage();
  }
}
