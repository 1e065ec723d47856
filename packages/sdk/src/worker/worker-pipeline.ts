import type { Backend } from '../backend.js';
import { frameSize, unreadableFrame, type Frame } from '../frame.js';
import type { HeatMap } from '../heat-map.js';
import type { ModelManifest } from '../network/manifest.js';
import type {
  ClassifiedFrame,
  Pipeline,
  PipelineHooks,
  PipelineLoss,
  PipelineSettings,
  StageTimings,
} from '../pipeline.js';
import { CREATE_CALL, type FromWorker, type ToWorker } from './messages.js';
import { toPostable, transferableOf } from './postable-frame.js';
import { receiveError } from './posted-error.js';
import { startTrusted } from './trusted-worker.js';

/**
 * A worker that has frames and says nothing for so long has died without a word: out of memory, or in
 * an endless loop. Plain JavaScript on a slow machine takes half of it for a frame.
 */
const SILENCE_MS = 30_000;

/**
 * A wait that ends so much too late was that of a page which the browser had frozen with its workers,
 * in the back/forward cache or to save energy.
 */
const FROZEN_MS = 1000;

/** Why a worker cannot do the work here. */
export class WorkerImpossible extends Error {}

type Message<T extends FromWorker['type']> = Extract<FromWorker, { type: T }>;

/** What the worker says to a call that worked. */
type Answer = Message<'result' | 'explained'>;

/** A call that the worker has not answered yet. */
interface Call {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A pipeline in a dedicated module worker. */
export class WorkerPipeline implements Pipeline {
  readonly backend: Backend;
  readonly manifest: ModelManifest;
  readonly isLite: boolean;
  readonly stages: StageTimings;
  readonly lost: Promise<PipelineLoss>;
  #lose!: (loss: PipelineLoss) => void;
  #numTensors: number;
  readonly #worker: Worker;
  readonly #calls: Map<number, Call> = new Map();
  #lastCall = CREATE_CALL;
  /** Settles when every frame so far is posted, so that they arrive in the order of the calls. */
  #posted: Promise<unknown> = Promise.resolve();
  #isDisposed = false;
  #silence: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    worker: Worker,
    threadMs: number,
    { backend, manifest, numTensors, isLite, stages }: Message<'created'>,
  ) {
    this.#worker = worker;
    this.backend = backend;
    this.manifest = manifest;
    this.isLite = isLite;
    this.stages = { ...stages, threadMs };
    this.#numTensors = numTensors;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if ('call' in data) this.#settle(data);
      else if (data.type === 'lost') this.#lose(data.loss);
    });
    const handleFailure = (event: Event): void => {
      this.#lose({ cause: 'worker-failed', message: `the worker failed: ${whatFailed(event)}` });
    };
    worker.addEventListener('error', handleFailure);
    worker.addEventListener('messageerror', handleFailure);
    void this.lost.then(({ message }) => {
      for (const { reject } of this.#calls.values()) reject(new Error(message));
      this.#calls.clear();
      this.#listen();
      this.#endIfIdle();
    });
  }

  /**
   * @throws {WorkerImpossible} this browser or page lets no worker do the work
   * @throws {EmotionCamError} as {@link FacePipeline.create} does
   * @throws the signal's reason, if it is aborted
   */
  static async create(
    settings: PipelineSettings,
    { onProgress, signal }: PipelineHooks = {},
  ): Promise<WorkerPipeline> {
    signal?.throwIfAborted();
    const start = performance.now();
    const worker = startWorker();
    try {
      checkStarted(await receive(worker, 'started', { signal }));
      const threadMs = performance.now() - start;
      send(worker, { type: 'create', settings });
      const created = await receive(worker, 'created', { signal, onProgress });
      return new WorkerPipeline(worker, threadMs, created);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  get numTensors(): number {
    return this.#numTensors;
  }

  async process(frame: Frame, timestampMs: number): Promise<ClassifiedFrame> {
    const start = performance.now();
    const picture = toPostable(frame, frameSize(frame));
    const { frame: result } = await this.#ask<'result'>(async (call) => {
      const posted = await picture;
      return [
        { type: 'process', call, frame: posted, timestampMs },
        [transferableOf(posted)],
      ] as const;
    });
    const timings = { ...result.timings, totalMs: performance.now() - start };
    return { ...result, timings };
  }

  async explain(faceId: number, classIndex: number): Promise<HeatMap> {
    const { heatMap } = await this.#ask<'explained'>((call) =>
      Promise.resolve([{ type: 'explain', call, faceId, classIndex }, []] as const),
    );
    return heatMap;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#endIfIdle();
  }

  /** Posts a message once those before it are posted, and waits for its answer. */
  async #ask<T extends Answer['type']>(
    messageOf: (call: number) => Promise<readonly [ToWorker, Transferable[]]>,
  ): Promise<Message<T>> {
    const call = ++this.#lastCall;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
    });
    if (this.#calls.size === 1) this.#listen();
    this.#posted = Promise.all([messageOf(call), this.#posted])
      .then(([[message, transfer]]) => {
        send(this.#worker, message, transfer);
      })
      .catch((error: unknown) => {
        this.#take(call)?.reject(unreadableFrame(error) ?? (error as Error));
      });
    return (await answer) as Message<T>;
  }

  #take(call: number): Call | undefined {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    return waiting;
  }

  #settle(answer: Answer | Message<'failure'>): void {
    const call = this.#take(answer.call);
    if (answer.type === 'result') this.#numTensors = answer.numTensors;
    if (answer.type === 'failure') call?.reject(receiveError(answer.error));
    else call?.resolve(answer);
    this.#listen();
    this.#endIfIdle();
  }

  /** Starts or ends the wait for a sign of life. */
  #listen(): void {
    clearTimeout(this.#silence);
    if (this.#calls.size === 0) return;
    const dueMs = performance.now() + SILENCE_MS;
    this.#silence = setTimeout(() => {
      if (performance.now() - dueMs > FROZEN_MS) {
        this.#listen();
        return;
      }
      this.#lose({
        cause: 'worker-failed',
        message: `the worker has not answered for ${SILENCE_MS / 1000} seconds`,
      });
    }, SILENCE_MS);
  }

  /** Everything that the worker holds goes with it, on the graphics card too. */
  #endIfIdle(): void {
    if (this.#isDisposed && this.#calls.size === 0) this.#worker.terminate();
  }
}

/** @throws {WorkerImpossible} */
function startWorker(): Worker {
  if (typeof document === 'undefined') {
    throw new WorkerImpossible('The recognizer is made in a worker already.');
  }
  try {
    return startTrusted(
      // Bundlers look for these very words.
      () =>
        new Worker(new URL('./pipeline-worker.js', import.meta.url), {
          type: 'module',
          name: 'emotion-cam',
        }),
    );
  } catch (cause) {
    throw new WorkerImpossible(`The browser gave no worker (${String(cause)}).`, { cause });
  }
}

/** @throws {WorkerImpossible} */
function checkStarted({ hasGpu, hasWebGl }: Message<'started'>): void {
  if (!hasWebGl) throw new WorkerImpossible('The browser has no WebGL in workers.');
  if (!hasGpu && 'gpu' in navigator) {
    throw new WorkerImpossible('The browser has WebGPU in pages, but not in workers.');
  }
}

function send(worker: Worker, message: ToWorker, transfer: Transferable[] = []): void {
  worker.postMessage(message, transfer);
}

/**
 * Waits for the worker's next message of a type.
 *
 * @throws {WorkerImpossible} it ended instead
 * @throws what it says went wrong; the signal's reason, if it is aborted
 */
async function receive<T extends 'started' | 'created'>(
  worker: Worker,
  type: T,
  { onProgress, signal }: PipelineHooks,
): Promise<Message<T>> {
  const done = new AbortController();
  const once = { signal: done.signal };
  return new Promise<Message<T>>((resolve, reject) => {
    worker.addEventListener(
      'message',
      ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === 'progress') onProgress?.(data.loadedBytes, data.totalBytes);
        else if (data.type === 'failure') reject(receiveError(data.error));
        else if (data.type === type) resolve(data as Message<T>);
      },
      once,
    );
    const handleFailure = (event: Event): void => {
      reject(new WorkerImpossible(`The worker did not start (${whatFailed(event)}).`));
    };
    worker.addEventListener('error', handleFailure, once);
    worker.addEventListener('messageerror', handleFailure, once);
    const handleAbort = (): void => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', handleAbort, once);
    if (signal?.aborted) handleAbort();
  }).finally(() => {
    done.abort();
  });
}

/** A script that cannot be loaded says nothing but that. */
function whatFailed(event: Event): string {
  event.preventDefault(); // it is handled: not for `window.onerror`
  if (event.type === 'messageerror') return 'a message could not be read';
  return (event instanceof ErrorEvent && event.message) || 'its script could not be loaded';
}
