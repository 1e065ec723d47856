import { Worker } from 'node:worker_threads';
import type { NamedArray, NetworkConfig } from 'emotion-cam/network';
import type { ArenaLayout } from './arena.js';
import type { BackendChoice, BackendName } from './backend.js';
import type { TrainingConfig } from './config.js';
import { TrainerError, type TrainerErrorCode } from './errors.js';
import type { StepResult } from './step.js';
import type { Teacher } from './teacher.js';
import { isTrainedByPlan } from './webgpu/plan-limits.js';
import type { StepNumbers } from './webgpu/planned-training.js';
import type {
  BatchPlan,
  SharedArrays,
  SharedImages,
  WorkerAnswers,
  WorkerReply,
  WorkerRequest,
} from './worker-protocol.js';

/** Images that a worker takes at a time in an evaluation. */
const EVALUATION_BATCH = 32;

/** A zeroed array in memory that worker threads can share. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/** Fresh memory of a run. */
export function allocateShared(
  layout: ArenaLayout,
  workers: number,
  isAveraged: boolean,
): SharedArrays {
  return {
    ...(isAveraged && { average: sharedFloats(layout.total) }),
    arena: sharedFloats(layout.total),
    moment1: sharedFloats(layout.trainable),
    moment2: sharedFloats(layout.trainable),
    gradients: Array.from({ length: workers }, () => sharedFloats(layout.total)),
  };
}

/** One worker thread; requests are answered one at a time, in order. */
class WorkerThread {
  readonly #thread: Worker;

  constructor() {
    this.#thread = new Worker(new URL('./worker.js', import.meta.url));
  }

  ask<R extends WorkerRequest>(request: R): Promise<WorkerAnswers[R['kind']]> {
    return new Promise((resolve, reject) => {
      const thread = this.#thread;
      const settle = (finish: () => void): void => {
        thread.off('message', onMessage);
        thread.off('error', onError);
        finish();
      };
      const onMessage = (reply: WorkerReply): void => {
        settle(() => {
          if (reply.kind === 'done') resolve(reply.value as WorkerAnswers[R['kind']]);
          else reject(new TrainerError(reply.code as TrainerErrorCode, reply.message));
        });
      };
      const onError = (cause: Error): void => {
        settle(() => {
          reject(new TrainerError('internal', `A worker died: ${cause.message}`, { cause }));
        });
      };
      thread.on('message', onMessage);
      thread.on('error', onError);
      thread.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}

/**
 * Data-parallel workers over shared parameters: each computes the gradient of its share of a batch,
 * then each applies the mean gradient to its range of the parameters. With the same number of
 * workers the numbers are the same in every run.
 */
export class WorkerPool {
  readonly #threads: readonly WorkerThread[];
  readonly #backend: BackendName;
  /** Training steps are those of a plan on the graphics card. */
  #isPlanned = false;

  private constructor(threads: readonly WorkerThread[], backend: BackendName) {
    this.#threads = threads;
    this.#backend = backend;
  }

  static async create({ name, workers }: BackendChoice): Promise<WorkerPool> {
    const threads = Array.from({ length: workers }, () => new WorkerThread());
    const pool = new WorkerPool(threads, name);
    try {
      await pool.#all(() => ({ kind: 'start', backend: name }));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /** Hands out the memory of a training run, and the network that it learns from, if any. */
  async prepareTraining(
    config: TrainingConfig,
    shared: SharedArrays,
    teacher: Teacher | null = null,
  ): Promise<void> {
    const workers = this.#threads.length;
    this.#isPlanned = isTrainedByPlan(this.#backend, config);
    const common = { config, shared, teacher, workers, isPlanned: this.#isPlanned };
    await this.#all((worker) => ({ kind: 'prepare-training', ...common, worker }));
  }

  /** Gives every worker the images of a named slot. */
  async setImages(slot: string, images: SharedImages): Promise<void> {
    await this.#all(() => ({ kind: 'images', slot, images }));
  }

  /** Frees the images of a slot, which every thread holds on to until then. */
  async dropImages(slot: string): Promise<void> {
    await this.#all(() => ({ kind: 'drop-images', slot }));
  }

  /**
   * Gradients of one batch, then one step of the optimiser. On a graphics card they are under way when this
   * returns, and their results come with those of later steps, or with {@link settle}.
   *
   * @param options.upcoming - the batch of the next step, if it is known: rendered ahead
   * @returns results of this step or of earlier ones, in their order
   */
  async step(
    batch: BatchPlan,
    options: StepNumbers & { readonly upcoming: BatchPlan | null },
  ): Promise<readonly StepResult[]> {
    const { upcoming, ...numbers } = options;
    if (this.#isPlanned) {
      const [results] = await this.#all(() => ({ kind: 'planned-step', batch, numbers }));
      return results!;
    }
    const shareFor = (plan: BatchPlan, worker: number): BatchPlan => ({
      ...plan,
      items: shareOf(plan.items, worker, this.#threads.length),
    });
    const results = await this.#all((worker) => ({
      kind: 'step',
      batch: shareFor(batch, worker),
      upcoming: upcoming && shareFor(upcoming, worker),
    }));
    const result = mergeResults(results);
    if (!Number.isFinite(result.loss)) return [result]; // the caller stops; nothing is updated
    await this.#all(() => ({ kind: 'update', numbers }));
    return [result];
  }

  /**
   * Waits until all steps are done and the shared arrays hold what they led to.
   *
   * @returns the results that {@link step} has not returned
   */
  async settle(): Promise<readonly StepResult[]> {
    if (!this.#isPlanned) return [];
    const [results] = await this.#all(() => ({ kind: 'settle' }));
    return results!;
  }

  /**
   * Logits of the first `count` images of a slot with folded weights, [count,7].
   *
   * @param options.isFlipped - the mean of the logits of each image and of its mirror image
   * @param options.onProgress - called as images are done
   */
  async evaluate(
    slot: string,
    count: number,
    model: { readonly network: NetworkConfig; readonly weights: readonly NamedArray[] },
    options: {
      imageSize: number;
      isFlipped?: boolean;
      onProgress?: (done: number, total: number) => void;
    },
  ): Promise<Float32Array> {
    const { imageSize, isFlipped = false, onProgress } = options;
    const { network, weights } = model;
    await this.#all(() => ({ kind: 'prepare-evaluation', network, weights }));
    const parts: Float32Array[] = []; // by batch: a model's outputs need not be the seven
    let next = 0;
    let done = 0;
    await Promise.all(
      this.#threads.map(async (thread) => {
        while (next < count) {
          const from = next;
          next = Math.min(count, from + EVALUATION_BATCH);
          const indices = Array.from({ length: next - from }, (_, offset) => from + offset);
          const part = await thread.ask({
            kind: 'evaluate',
            slot,
            indices,
            imageSize,
            isFlipped,
          });
          parts[from / EVALUATION_BATCH] = part;
          done += indices.length;
          onProgress?.(done, count);
        }
      }),
    );
    return concatenated(parts);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #all<R extends WorkerRequest>(
    request: (worker: number) => R,
  ): Promise<WorkerAnswers[R['kind']][]> {
    return Promise.all(this.#threads.map((thread, worker) => thread.ask(request(worker))));
  }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** The consecutive part of a list that a worker takes; the parts differ by at most one. */
function shareOf<T>(items: readonly T[], worker: number, workers: number): readonly T[] {
  const cut = (index: number): number => Math.round((items.length * index) / workers);
  return items.slice(cut(worker), cut(worker + 1));
}

/** Means of the loss terms, sums of the counts. */
function mergeResults(results: readonly StepResult[]): StepResult {
  const mean = (key: keyof StepResult): number =>
    results.reduce((sum, result) => sum + result[key], 0) / results.length;
  return {
    loss: mean('loss'),
    classification: mean('classification'),
    compactness: mean('compactness'),
    distribution: mean('distribution'),
    distillation: mean('distillation'),
    correct: mean('correct') * results.length,
    count: mean('count') * results.length,
  };
}
