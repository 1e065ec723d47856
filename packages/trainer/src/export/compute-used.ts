import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrainerError } from '../errors.js';
import { RUN_FILES } from '../run-folder.js';

/** The logs of the runs behind a model, oldest first. */
function logsIn(record: string): string[] {
  const folders = existsSync(record) ? readdirSync(record).toSorted() : [];
  return folders
    .map((name) => join(record, name, RUN_FILES.log))
    .filter((file) => existsSync(file));
}

/**
 * How long the runs behind a model took, and where they are, for its card.
 *
 * @param record - a folder with a folder for each run, in the order of their names, each with the
 *   `log.jsonl` that `train` wrote
 * @throws {TrainerError} `argument-invalid` where there is none
 */
export function computeUsed(record: string): string {
  const logs = logsIn(record);
  if (logs.length === 0) {
    throw new TrainerError(
      'argument-invalid',
      `There is no run in ${record}. Expected folders with the ${RUN_FILES.log} of train, one for each run.`,
    );
  }
  const minutes = logs.map((file) => {
    const epochs = readFileSync(file, 'utf8').trim().split('\n');
    const seconds = epochs.map((line) => (JSON.parse(line) as { seconds: number }).seconds);
    return seconds.reduce((sum, value) => sum + value, 0) / 60;
  });
  const total = minutes.reduce((sum, value) => sum + value, 0);
  return (
    `Compute: ${minutes.map((value) => value.toFixed(0)).join(' + ')} minutes in ${minutes.length} run(s), ` +
    `${(total / 60).toFixed(1)} hours together, validation and other work on the machine included.\n` +
    `Their configurations, epochs and reports, to make it again: \`${record}\`.`
  );
}
