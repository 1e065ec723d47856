import type { ArenaLayout } from '../arena.js';
import type { TrainingConfig } from '../config.js';
import { TrainerError } from '../errors.js';
import type { Mixing } from '../mixing.js';
import type { StepResult } from '../step.js';
import type { Task } from '../task.js';
import type { SharedArrays } from '../worker-protocol.js';
import { deviceLayout, fromDevice, toDevice, type DeviceLayout } from './device-layout.js';
import { REPORT_HEAD, REPORT_ROW, resultOf } from './loss-kernels.js';
import { pictureList, type Picture } from './picture-list.js';
import type { Value } from './plan-builder.js';
import { PlanRunner } from './plan-runner.js';
import { settingsBytes } from './settings.js';
import { keptValues, planTraining, type TrainingPlan } from './training-plan.js';

/** Results are read after so many steps: to wait for each would leave the card idle between two. */
const STEPS_PER_READ = 10;

/** A batch as the device takes it. */
export interface PlannedBatch {
  readonly pictures: readonly Picture[];
  /** Of the labels, mixed as the images will be, [N,K]. */
  readonly targets: Float32Array<ArrayBuffer>;
  /** The teacher's probabilities, [N,K], where there is one. */
  readonly taught?: Float32Array<ArrayBuffer> | undefined;
  readonly mixing: Mixing | null;
  /** S */
  readonly imageSize: number;
}

/** Numbers of one step of the optimiser. */
export interface StepNumbers {
  /** From 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly averageDecay: number;
}

/** A run's training on one device. */
export interface TrainingSetup {
  readonly device: GPUDevice;
  readonly config: TrainingConfig;
  readonly layout: ArenaLayout;
  readonly task: Task;
  /** K */
  readonly outputs: number;
  readonly shared: SharedArrays;
}

/** A plan that has been made ready for batches of one shape. */
interface Prepared {
  readonly plan: TrainingPlan;
  readonly runner: PlanRunner;
  readonly imageSize: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Training steps on a graphics card. Parameters, moments and averages stay there; the run's shared arrays
 * hold them before the first step and after {@link settle}.
 */
export class PlannedTraining {
  readonly #setup: TrainingSetup;
  readonly #deviceLayout: DeviceLayout;
  #prepared: Prepared | undefined;
  /** Steps submitted since the parameters went to the device; 0: they are not there. */
  #submitted = 0;
  /** Results of the steps before the last ones, on their way back. */
  #reading: Promise<StepResult[]> | undefined;
  #failure: TrainerError | undefined;

  constructor(setup: TrainingSetup) {
    this.#setup = setup;
    this.#deviceLayout = deviceLayout(setup.layout);
    const { device } = setup;
    device.onuncapturederror = ({ error }) => {
      this.#fail(`The graphics card's driver reports: ${error.message}`);
    };
    void device.lost.then(({ message }) => {
      this.#fail(`The graphics card was lost: ${message}`);
    });
  }

  /**
   * Submits a step; it is under way when this returns.
   *
   * @returns results of earlier steps, in their order; none most times
   * @throws {TrainerError} `backend-unavailable` where the card has too little memory; `internal` where it
   *   or its driver failed
   */
  async step(batch: PlannedBatch, numbers: StepNumbers): Promise<StepResult[]> {
    const { pictures, targets, taught, mixing, imageSize } = batch;
    const settled = this.#fits(batch) ? [] : await this.#prepare(batch);
    const { plan, runner, bytes } = this.#prepared!;
    if (this.#submitted === 0) this.#upload();
    const { step, learningRate, averageDecay } = numbers;
    const { beta1, beta2 } = this.#setup.config.optimizer;
    const row = this.#submitted % (2 * STEPS_PER_READ);
    const settings = {
      ...{ learningRate, averageDecay, row, mixing },
      correction1: 1 / (1 - beta1 ** step),
      correction2: 1 / (1 - beta2 ** step),
    };
    const { inputs } = plan;
    runner.write(inputs.pictures, pictureList(pictures, imageSize, bytes));
    runner.write(inputs.bytes, bytes);
    runner.write(inputs.targets, targets);
    if (inputs.taught && taught) runner.write(inputs.taught, taught);
    runner.write(inputs.settings, settingsBytes(settings, imageSize));
    runner.submit();
    this.#submitted += 1;
    this.#throwFailure();
    if (this.#submitted % STEPS_PER_READ > 0) return settled;
    const before = this.#reading;
    this.#reading = this.#read(row + 1 - STEPS_PER_READ, STEPS_PER_READ);
    this.#reading.catch(() => undefined); // awaited later
    return [...settled, ...((await this.#orFailure(before)) ?? [])];
  }

  /**
   * Waits for all steps and brings the run's state back to the shared arrays.
   *
   * @returns the results that had not been handed out
   * @throws {TrainerError} `internal` where the card or its driver failed
   */
  async settle(): Promise<StepResult[]> {
    if (this.#submitted === 0) return [];
    return this.#orFailure(this.#bringBack());
  }

  async #bringBack(): Promise<StepResult[]> {
    const count = this.#submitted % STEPS_PER_READ;
    const last = this.#submitted % (2 * STEPS_PER_READ);
    const results = [
      ...((await this.#reading) ?? []),
      ...(count > 0 ? await this.#read(last - count, count) : []),
    ];
    const { plan, runner } = this.#prepared!;
    const { layout } = this.#setup;
    await Promise.all(
      this.#pairs(plan).map(async ([value, array]) => {
        fromDevice(await runner.read(value), layout, this.#deviceLayout, array);
      }),
    );
    this.#throwFailure();
    this.#submitted = 0;
    this.#reading = undefined;
    return results;
  }

  /** dL/dp of the last step and its batch's statistics, by the arena's layout; for tests. */
  async readGradients(out: Float32Array): Promise<void> {
    const { plan, runner } = this.#prepared!;
    const values = await runner.read(plan.state.gradients);
    fromDevice(values, this.#setup.layout, this.#deviceLayout, out);
  }

  /** Frees what the device holds; the device itself is its owner's. */
  free(): void {
    this.#prepared?.runner.dispose();
    this.#prepared = undefined;
    this.#submitted = 0;
  }

  #fits({ pictures, imageSize, targets }: PlannedBatch): boolean {
    const prepared = this.#prepared;
    return (
      prepared?.imageSize === imageSize &&
      prepared.plan.inputs.targets.bytes === targets.byteLength &&
      prepared.bytes.length >= bytesOf(pictures)
    );
  }

  /** Plans for batches of this shape. @returns results of the steps before */
  async #prepare({ pictures, imageSize, taught }: PlannedBatch): Promise<StepResult[]> {
    const settled = await this.settle();
    this.#prepared?.runner.dispose();
    this.#prepared = undefined;
    const { device, config, layout, task, outputs } = this.#setup;
    const pictureBytes = bytesOf(pictures);
    const plan = planTraining({
      ...{ config, layout, task, outputs, imageSize, pictureBytes },
      images: pictures.length,
      reportRows: 2 * STEPS_PER_READ,
      hasTeacher: taught !== undefined,
    });
    const runner = await PlanRunner.create(device, plan.dispatches, keptValues(plan));
    const bytes = new Uint8Array(plan.inputs.bytes.bytes);
    this.#prepared = { plan, runner, imageSize, bytes };
    return settled;
  }

  /** What is brought to the device and back. */
  #pairs({ state }: TrainingPlan): (readonly [Value, Float32Array])[] {
    const { arena, moment1, moment2, average } = this.#setup.shared;
    return [
      [state.parameters, arena],
      [state.moments1, moment1],
      [state.moments2, moment2],
      ...(state.average && average ? [[state.average, average] as const] : []),
    ];
  }

  #upload(): void {
    const { plan, runner } = this.#prepared!;
    const values = new Float32Array(this.#deviceLayout.total);
    for (const [value, array] of this.#pairs(plan)) {
      values.fill(0);
      toDevice(array, this.#setup.layout, this.#deviceLayout, values);
      runner.write(value, values);
    }
    runner.clear(plan.state.report);
  }

  async #read(firstRow: number, count: number): Promise<StepResult[]> {
    const { plan, runner } = this.#prepared!;
    const values = await runner.read({
      value: plan.state.report,
      firstByte: (REPORT_HEAD + firstRow * REPORT_ROW) * 4,
      bytes: count * REPORT_ROW * 4,
    });
    const images = plan.inputs.targets.bytes / 4 / this.#setup.outputs;
    return Array.from({ length: count }, (_, row) =>
      resultOf(values.subarray(row * REPORT_ROW, (row + 1) * REPORT_ROW), images),
    );
  }

  #fail(message: string): void {
    this.#failure ??= new TrainerError(
      'internal',
      `${message}. The last checkpoint holds a good state: go on with --resume.`,
    );
  }

  /** What waits for a card that was lost is told only that it waits in vain; the reason comes after. */
  async #orFailure<T>(work: T | Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      await new Promise(setImmediate);
      throw this.#failure ?? error;
    }
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }
}

function bytesOf(pictures: readonly Picture[]): number {
  return pictures.reduce((sum, { source }) => sum + source.data.length, 0);
}
