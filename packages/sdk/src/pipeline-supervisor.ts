import type { BackendName } from './backend.js';
import { EmotionCamError } from './errors.js';
import type { Frame } from './frame.js';
import { FrameBudget } from './frame-budget.js';
import type { HeatMap } from './heat-map.js';
import type { ClassifiedFrame, Pipeline, PipelineLoss, PipelineSettings } from './pipeline.js';
import { createPipeline, type Thread, type ThreadName } from './thread.js';

/** A pipeline and where it works. */
export interface MadePipeline {
  readonly pipeline: Pipeline;
  readonly thread: Thread;
}

export interface SupervisorOptions {
  readonly settings: PipelineSettings;
  readonly thread: 'auto' | ThreadName;
  readonly frameBudgetMs: number;
  /** A new pipeline works in place of one that was lost, or that was too slow. */
  readonly onChange: (change: SetupChange) => void;
  /** No pipeline works any more, and none is made. */
  readonly onFailure: (error: EmotionCamError) => void;
}

/** Why another pipeline works than before, in the words of `Set up again because …`. */
export interface SetupChange {
  readonly cause: PipelineLoss['cause'] | 'over-budget';
  readonly message: string;
}

/** Waits before the first restart, the second, … There is none after the last. */
const RESTART_DELAYS_MS = [500, 1000, 2000];

/** A pipeline that worked for so long was sound: what happens then is another accident. */
const SOUND_AFTER_MS = 10 * 60_000;

/**
 * How long to wait, when a frame fails, for the browser to say that the graphics card or the worker is
 * gone. It says so after the frame has failed.
 */
const LOSS_DELAY_MS = 200;

/**
 * Keeps a pipeline working: makes a new one in place of one that was lost, up to three times in ten
 * minutes. What loses its graphics device twice goes on with WebAssembly.
 */
export class PipelineSupervisor {
  readonly #options: SupervisorOptions;
  #settings: PipelineSettings;
  /** The last that worked. */
  #made: MadePipeline;
  #isWorking = true;
  #failure: EmotionCamError | undefined;
  #workingSinceMs = performance.now();
  #restarts = 0;
  #gpuLosses = 0;
  /** What is added to the numbers of faces: a new pipeline counts from 1, and no number comes twice. */
  #idOffset = 0;
  #highestId = 0;
  /** None where the model is not to be changed. */
  #budget: FrameBudget | undefined;
  readonly #disposal: AbortController = new AbortController();

  /** @param made - with the same options */
  constructor(made: MadePipeline, options: SupervisorOptions) {
    this.#made = made;
    this.#options = options;
    this.#settings = options.settings;
    const isAutomatic = options.settings.takesLite === 'without-gpu' && !made.pipeline.isLite;
    if (isAutomatic) this.#budget = new FrameBudget(options.frameBudgetMs);
    this.#watch(made);
  }

  /** The last that worked. */
  get current(): MadePipeline {
    return this.#made;
  }

  /**
   * As {@link Pipeline.process}.
   *
   * @throws {EmotionCamError} `frame-empty`, `frame-unreadable`; `frame-dropped`: the pipeline was lost
   *   meanwhile or is being made again; `recognizer-failed`: it cannot be
   */
  async process(frame: Frame, timestampMs: number): Promise<ClassifiedFrame> {
    return this.#guarded(async ({ pipeline }) => {
      const idOffset = this.#idOffset; // that of another pipeline may come meanwhile
      const result = await pipeline.process(frame, timestampMs);
      this.#judge(result);
      return this.#numbered(result, idOffset);
    });
  }

  /**
   * As {@link Pipeline.explain}.
   *
   * @throws {EmotionCamError} `face-unknown`, and of {@link process} all but those of a frame
   */
  explain(faceId: number, classIndex: number): Promise<HeatMap> {
    return this.#guarded(({ pipeline }) => pipeline.explain(faceId - this.#idOffset, classIndex));
  }

  /** Work of the pipeline; what fails without a code of ours says that the pipeline is lost. */
  async #guarded<T>(work: (made: MadePipeline) => Promise<T>): Promise<T> {
    if (this.#failure) throw this.#failure;
    const made = this.#made;
    if (!this.#isWorking) throw dropped('the recognizer is being set up again');
    try {
      return await work(made);
    } catch (error) {
      if (error instanceof EmotionCamError) throw error;
      if (this.#isDisposed()) throw dropped('the recognizer was disposed of');
      const loss = await Promise.race([
        made.pipeline.lost,
        pause(LOSS_DELAY_MS).then(() => ({
          cause: 'frame-failed' as const,
          message: `the ${made.pipeline.backend.name} back end or the face detector failed (${String(error)})`,
        })),
      ]);
      void this.#replace(made, loss);
      throw dropped(loss.message, error);
    }
  }

  /** Frees everything. Results of calls in flight still come. */
  dispose(): void {
    this.#disposal.abort();
    if (this.#isWorking) this.#made.pipeline.dispose();
  }

  #isDisposed(): boolean {
    return this.#disposal.signal.aborted;
  }

  /** Goes on with the small model where the other is too slow here. */
  #judge({ faces, timings }: ClassifiedFrame): void {
    if (faces.length === 0 || this.#budget?.isExceededWith(timings.totalMs) !== true) return;
    this.#budget = undefined; // once
    void this.#takeLite().catch(() => undefined); // it goes on with what it has
  }

  async #takeLite(): Promise<void> {
    const before = this.#made;
    const settings = { ...this.#settings, takesLite: 'always' } as const;
    const { signal } = this.#disposal;
    const made = await createPipeline(this.#options.thread, settings, { signal });
    const isWelcome = made.pipeline.isLite && this.#made === before && this.#isWorking;
    if (!isWelcome || this.#isDisposed()) {
      made.pipeline.dispose();
      return;
    }
    this.#settings = settings;
    before.pipeline.dispose();
    const message = `frames took longer than ${this.#options.frameBudgetMs} ms with the large model`;
    this.#take(made, { cause: 'over-budget', message });
  }

  #numbered({ faces, ...frame }: ClassifiedFrame, idOffset: number): ClassifiedFrame {
    if (this.#options.settings.mode === 'image') return { faces, ...frame };
    const numbered = faces.map(({ id, ...face }) => ({ ...face, id: id + idOffset }));
    this.#highestId = Math.max(this.#highestId, ...numbered.map(({ id }) => id));
    return { faces: numbered, ...frame };
  }

  #watch(made: MadePipeline): void {
    void made.pipeline.lost.then((loss) => this.#replace(made, loss));
  }

  async #replace(made: MadePipeline, loss: PipelineLoss): Promise<void> {
    if (this.#made !== made || !this.#isWorking || this.#isDisposed()) return; // it is known already
    this.#isWorking = false;
    disposeLost(made.pipeline);
    if (performance.now() - this.#workingSinceMs > SOUND_AFTER_MS) {
      this.#restarts = 0;
      this.#gpuLosses = 0;
    }
    if (loss.cause === 'gpu-lost') this.#gpuLosses += 1;
    let cause: unknown;
    while (this.#restarts < RESTART_DELAYS_MS.length) {
      await pause(RESTART_DELAYS_MS[this.#restarts++]!, this.#disposal.signal);
      if (this.#isDisposed()) return;
      try {
        this.#take(await this.#make(), loss);
        return;
      } catch (error) {
        if (this.#isDisposed()) return;
        cause = error;
      }
    }
    this.#failure = new EmotionCamError(
      'recognizer-failed',
      `The recognizer stopped: ${loss.message}, and it could not be set up again after ` +
        `${RESTART_DELAYS_MS.length} restarts. Make a new recognizer, or reload the page.`,
      { cause },
    );
    this.#options.onFailure(this.#failure);
  }

  async #make(): Promise<MadePipeline> {
    const { thread } = this.#options;
    const settings = this.#settings;
    const { signal } = this.#disposal;
    const make = (backend: 'auto' | BackendName | undefined): Promise<MadePipeline> =>
      createPipeline(thread, { ...settings, backend }, { signal });
    if (this.#gpuLosses === 0) return make(settings.backend);
    if (this.#gpuLosses > 1) return make('wasm');
    return make(settings.backend).catch((error: unknown) => {
      const isGpuGone = error instanceof EmotionCamError && error.code === 'backend-unavailable';
      if (isGpuGone) return make('wasm');
      throw error;
    });
  }

  #take(made: MadePipeline, change: SetupChange): void {
    this.#made = made;
    this.#isWorking = true;
    this.#idOffset = this.#highestId;
    this.#workingSinceMs = performance.now();
    this.#watch(made);
    this.#options.onChange(change);
  }
}

/** What the pipeline held is gone with the graphics card, or will never be freed: no reason to stop. */
function disposeLost(pipeline: Pipeline): void {
  try {
    pipeline.dispose();
  } catch (error) {
    console.warn('emotion-cam: a recognizer that failed could not be disposed of.', error);
  }
}

/** Waits so long, or until the signal is aborted. */
function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function dropped(why: string, cause?: unknown): EmotionCamError {
  return new EmotionCamError(
    'frame-dropped',
    `This frame was not recognised: ${why}. Go on with the next frame; the recognizer is set up again ` +
      'by itself, and tells with its `setup-change` event.',
    { cause },
  );
}
