import type { DatasetName, Split } from './datasets/dataset.js';
import { checkAll } from './datasets/decode-all.js';
import { openSet } from './datasets/load-dataset.js';
import { reportOn, type DatasetReport, type InspectedSplit } from './datasets/report.js';
import { TrainerError } from './errors.js';
import type { Reporter } from './reporter.js';

/**
 * Reads, hashes and decodes every split of a set once, and keeps no image. A test split that is held
 * back is named as missing; any other that is not there is an error.
 *
 * @throws {TrainerError} those of `openSet`, of its `read` and of `checkAll`
 */
export async function inspectSet(
  name: DatasetName,
  root: string,
  reporter: Reporter,
): Promise<DatasetReport> {
  const began = Date.now();
  const set = await openSet(name, root);
  const inspected: InspectedSplit[] = [];
  const missing: Partial<Record<Split, string>> = {};
  for (const split of set.splits) {
    if (split === 'train-all') continue; // the others together
    try {
      const dataset = await set.read(split);
      const onProgress = reporter.progressOf(`checking ${name} ${split}`);
      inspected.push({ dataset, ...(await checkAll(dataset.samples, { onProgress })) });
    } catch (error) {
      if (split !== 'test' || !isNotThere(error)) throw error;
      missing[split] = error.message;
    } finally {
      reporter.progressDone();
    }
  }
  return reportOn(inspected, (Date.now() - began) / 1000, missing);
}

function isNotThere(error: unknown): error is TrainerError {
  return (
    error instanceof TrainerError &&
    (error.code === 'dataset-layout' || error.code === 'dataset-empty')
  );
}
