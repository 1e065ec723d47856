import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TrainerError } from './errors.js';

/** Indented JSON with each list of numbers on one line: results hold thousands of them. */
export function compactJson(value: unknown): string {
  const lists = /\[\s+(-?\d[-+.\deE,\s]*?)\s+\]/g;
  return JSON.stringify(value, null, 1).replace(lists, (_, numbers: string) => {
    return `[${numbers.replace(/\s+/g, '')}]`;
  });
}

/**
 * Writes a file beside the old one, then takes its place: an interruption leaves one whole file.
 *
 * @throws {TrainerError} `output-failed`
 */
export async function writeWholeFile(path: string, contents: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.writing`, contents);
    await rename(`${path}.writing`, path);
  } catch (cause) {
    await removeUnfinished(`${path}.writing`);
    throw new TrainerError(
      'output-failed',
      `${path} could not be written: ${(cause as Error).message}. Make room or give write access.`,
      { cause },
    );
  }
}

/** Half a file would take the room that is missing. That it stays must not hide why it is half. */
export async function removeUnfinished(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** @throws {TrainerError} `output-failed` */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWholeFile(path, `${compactJson(value)}\n`);
}
