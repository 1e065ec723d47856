import { EmotionCamError } from './errors.js';

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
  const shown = typeof got === 'string' ? JSON.stringify(got) : String(got);
  throw new EmotionCamError(
    'option-invalid',
    `The option ${name} is ${shown}, expected ${expected}.`,
  );
}
