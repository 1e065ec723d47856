import type { AssetLocations } from './assets.js';
import type { BackendName } from './backend.js';
import { checkOption, checkOptions, checkSignal } from './check-option.js';
import type { ThreadName } from './thread.js';

/** The models of the package, by name. */
export type ModelName = 'auto' | 'full' | 'lite';

/** How an `EmotionRecognizer` is made. Everything is optional. */
export interface RecognizerOptions {
  /**
   * `'auto'`, the package's large model, or its small one where the network cannot run on a graphics
   * card or a frame takes longer than `frameBudgetMs`; `'full'` or `'lite'`, one of the two; or another
   * model's folder or manifest. A folder of the page that is called like one of these is written
   * `./full`. Default: `'auto'`; where `assets` names another `model` and no `liteModel`, that one.
   */
  readonly model?: ModelName | (string & {}) | URL | undefined;
  /**
   * Time from a frame to its result, in milliseconds, that is too long: with `model: 'auto'` the small
   * model takes over where half of the frames take longer. Default: 100.
   */
  readonly frameBudgetMs?: number | undefined;
  /**
   * Where files are loaded from: a folder laid out as the package's `assets/`, or single locations.
   * Default: the package's own folder. Nothing is ever loaded from anywhere else.
   */
  readonly assets?: string | URL | Partial<AssetLocations> | undefined;
  /** Where the network runs. Default: `'auto'`, the fastest that works. */
  readonly backend?: 'auto' | BackendName | undefined;
  /**
   * Which thread finds and reads faces: `'worker'`, so that the page stays responsive, or `'main'`,
   * the page's own. Default: `'auto'`, a worker where one can do it.
   */
  readonly thread?: 'auto' | ThreadName | undefined;
  /**
   * `'video'`: frames follow each other, so faces are followed from one to the next and steadied.
   * `'image'`: every frame stands for itself. Default: `'video'`.
   */
  readonly mode?: 'video' | 'image' | undefined;
  /** How many faces of a frame are read, the largest first; each costs a run of the network. Default: 1. */
  readonly maxFaces?: number | undefined;
  /** Least score of a face, 0..1. Default: 0.5. */
  readonly minDetectionConfidence?: number | undefined;
  /**
   * Faces are looked for at most once in so many milliseconds of a video; in the frames between they
   * are moved on at their speed, and read all the same. 0 looks for them in every frame. Default: 50,
   * which is every second frame of 30 a second.
   */
  readonly detectionIntervalMs?: number | undefined;
  /**
   * Time constant of the smoothing of scores, in milliseconds: a change of expression is shown to 63 %
   * after it and to 95 % after three times as long. 0 shows every frame as it is. Default: 300.
   */
  readonly smoothingMs?: number | undefined;
  /**
   * By how much another expression's score must exceed the shown one's to be shown instead, 0..1.
   * Default: 0.1.
   */
  readonly switchMargin?: number | undefined;
  /**
   * Below this score the shown expression is `isUncertain`, 0..1. Scores are calibrated, so at the
   * default of 0.5 such a reading is more likely wrong than right.
   */
  readonly minConfidence?: number | undefined;
  /**
   * Keeps the weights in the browser's Cache storage, so that later visits download nothing but the
   * manifest. Default: `true`.
   */
  readonly cache?: boolean | undefined;
  /**
   * Times variants of the network's kernels on the graphics card while it is idle, and keeps the fastest in
   * Cache storage; later starts take those. Needs `cache`. Default: `true`.
   */
  readonly tuning?: boolean | undefined;
  /** Called as bytes of the weights arrive. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Gives up loading: `create` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options that have a value, given or by default. */
export interface ResolvedOptions extends RecognizerOptions {
  readonly model: string | URL;
  readonly frameBudgetMs: number;
  readonly thread: 'auto' | ThreadName;
  readonly mode: 'video' | 'image';
  readonly maxFaces: number;
  readonly minDetectionConfidence: number;
  readonly detectionIntervalMs: number;
  readonly smoothingMs: number;
  readonly switchMargin: number;
  readonly minConfidence: number;
}

/**
 * Fills in defaults and checks values.
 *
 * @throws {EmotionCamError} `option-invalid`, naming the option
 */
export function resolveOptions(options: RecognizerOptions): ResolvedOptions {
  checkOptions(options);
  const { backend, onProgress, signal } = options;
  const { model = 'auto', frameBudgetMs = 100, thread = 'auto', mode = 'video' } = options;
  const { maxFaces = 1, minDetectionConfidence = 0.5, detectionIntervalMs = 50 } = options;
  const { smoothingMs = 300, switchMargin = 0.1, minConfidence = 0.5 } = options;
  checkOption(
    { thread },
    ['auto', 'worker', 'main'].includes(thread),
    '"auto", "worker" or "main"',
  );
  checkOption({ mode }, ['video', 'image'].includes(mode), '"video" or "image"');
  checkOption(
    { model },
    typeof model === 'string' || model instanceof URL,
    '"auto", "full", "lite" or an address',
  );
  const isTime = Number.isFinite(frameBudgetMs) && frameBudgetMs > 0;
  checkOption({ frameBudgetMs }, isTime, 'milliseconds, above 0');
  checkOption({ maxFaces }, Number.isSafeInteger(maxFaces) && maxFaces >= 1, '1, 2, 3, …');
  for (const option of [{ detectionIntervalMs }, { smoothingMs }]) {
    const [value] = Object.values(option) as [number];
    checkOption(option, Number.isFinite(value) && value >= 0, 'milliseconds, 0 or more');
  }
  // Which back ends there are is told by the one place that knows them.
  checkOption({ backend }, backend === undefined || typeof backend === 'string', 'a name');
  checkOption(
    { onProgress },
    onProgress === undefined || typeof onProgress === 'function',
    'a function',
  );
  checkSignal(signal);
  for (const option of [{ minDetectionConfidence }, { switchMargin }, { minConfidence }]) {
    const [value] = Object.values(option) as [number];
    checkOption(option, Number.isFinite(value) && value >= 0 && value <= 1, 'a number from 0 to 1');
  }
  return {
    ...options,
    ...{
      model,
      frameBudgetMs,
      thread,
      mode,
      maxFaces,
      minDetectionConfidence,
      detectionIntervalMs,
    },
    ...{ smoothingMs, switchMargin, minConfidence },
  };
}
