import type { AssetLocations } from './assets.js';
import type { BackendName } from './backend.js';
import { EmotionCamError } from './errors.js';

/** How an `EmotionRecognizer` is made. Everything is optional. */
export interface RecognizerOptions {
  /** The model's folder or manifest. Default: the one that comes with the package. */
  readonly model?: string | URL | undefined;
  /**
   * Where files are loaded from: a folder laid out as the package's `assets/`, or single locations.
   * Default: the package's own folder. Nothing is ever loaded from anywhere else.
   */
  readonly assets?: string | URL | Partial<AssetLocations> | undefined;
  /** Where the network runs. Default: `'auto'`, the fastest that works. */
  readonly backend?: 'auto' | BackendName | undefined;
  /**
   * `'video'`: frames follow each other, so faces are followed from one to the next and steadied.
   * `'image'`: every frame stands for itself. Default: `'video'`.
   */
  readonly mode?: 'video' | 'image' | undefined;
  /** How many faces of a frame are read, the largest first; each costs a run of the network. Default: 1. */
  readonly maxFaces?: number | undefined;
  /** Least score of a face, 0..1. Default: 0.5. */
  readonly minDetectionConfidence?: number | undefined;
  /** Called as bytes of the weights arrive. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Gives up loading: `create` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options that have a value, given or by default. */
export interface ResolvedOptions extends RecognizerOptions {
  readonly mode: 'video' | 'image';
  readonly maxFaces: number;
  readonly minDetectionConfidence: number;
}

/**
 * Fills in defaults and checks values.
 *
 * @throws {EmotionCamError} `option-invalid`, naming the option
 */
export function resolveOptions(options: RecognizerOptions): ResolvedOptions {
  const { mode = 'video', maxFaces = 1, minDetectionConfidence = 0.5 } = options;
  check('mode', mode, ['video', 'image'].includes(mode), '"video" or "image"');
  check('maxFaces', maxFaces, Number.isSafeInteger(maxFaces) && maxFaces >= 1, '1, 2, 3, …');
  check(
    'minDetectionConfidence',
    minDetectionConfidence,
    minDetectionConfidence >= 0 && minDetectionConfidence <= 1,
    'a number from 0 to 1',
  );
  return { ...options, mode, maxFaces, minDetectionConfidence };
}

function check(name: string, got: unknown, isValid: boolean, expected: string): void {
  if (isValid) return;
  const shown = typeof got === 'string' ? JSON.stringify(got) : String(got);
  throw new EmotionCamError(
    'option-invalid',
    `The option ${name} is ${shown}, expected ${expected}.`,
  );
}
