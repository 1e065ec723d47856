import { EmotionCamError } from './errors.js';

/** A value in words, whatever a program without types has passed. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  try {
    return String(value);
  } catch {
    return 'an object'; // one that makes no text of itself
  }
}

/**
 * Checks that options are an object, or left out.
 *
 * @throws {EmotionCamError} `option-invalid`
 */
export function checkOptions(options: unknown): void {
  if (options === undefined || (typeof options === 'object' && options !== null)) return;
  throw new EmotionCamError(
    'option-invalid',
    `The options are ${shown(options)}, expected an object or nothing.`,
  );
}

/** @throws {EmotionCamError} `option-invalid`: something else than an AbortSignal, or nothing */
export function checkSignal(signal: unknown): void {
  checkOption({ signal }, signal === undefined || signal instanceof AbortSignal, 'an AbortSignal');
}

/**
 * Checks one option that a caller gave.
 *
 * @param option - its name and its value, as in `{ maxFaces }`
 * @throws {EmotionCamError} `option-invalid`, naming the option, unless it is valid
 */
export function checkOption(
  option: Readonly<Record<string, unknown>>,
  isValid: boolean,
  expected: string,
): void {
  if (isValid) return;
  const [[name, got]] = Object.entries(option) as [[string, unknown]];
  throw new EmotionCamError(
    'option-invalid',
    `The option ${name} is ${shown(got)}, expected ${expected}.`,
  );
}
