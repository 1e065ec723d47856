import { TrainerError } from './errors.js';

/**
 * Refuses names of runs and models that would lead out of their folder.
 *
 * @throws {TrainerError} `argument-invalid`
 */
export function requireName(name: string): void {
  if (/^\w[\w.-]*$/.test(name)) return;
  throw new TrainerError(
    'argument-invalid',
    `"${name}" is no name for a folder. Use letters, digits, "_", "-" and ".", beginning with a letter or digit.`,
  );
}
