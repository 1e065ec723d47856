import { join } from 'node:path';
import { writeReport } from '../report/write-report.js';
import type { Reporter } from '../reporter.js';
import {
  RESULT_FILES,
  type AblationMetrics,
  type CrossValidationMetrics,
  type RunPredictions,
} from '../results.js';
import { writeJson } from '../write-json.js';

/** Writes the table of an experiment, what it was computed from, and the page of both. */
export async function writeExperimentResults(
  folder: string,
  results: {
    readonly metrics: CrossValidationMetrics | AblationMetrics;
    readonly predictions: RunPredictions;
  },
  reporter: Reporter,
): Promise<void> {
  const metricsFile = join(folder, RESULT_FILES.metrics);
  await writeJson(join(folder, RESULT_FILES.predictions), results.predictions);
  await writeJson(metricsFile, results.metrics);
  reporter.line(`Results: ${metricsFile}`);
  reporter.line(`Report: ${await writeReport({ folder })}`);
}
