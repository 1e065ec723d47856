import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveConfig } from '../config.js';
import { TrainerError } from '../errors.js';
import { modelOfCheckpoint } from '../model-source.js';
import { readMetrics, readPredictions } from '../read-results.js';
import { RESULT_FILES, type AnyMetrics, type RunMetrics, type RunPredictions } from '../results.js';
import { RUN_FILES } from '../run-folder.js';
import { writeWholeFile } from '../write-json.js';
import { ablationPage } from './ablation-page.js';
import { crossValidationPage } from './cross-validation-page.js';
import { gradCamSection } from './grad-cam-section.js';
import { renderPage, type Page, type Section } from './page.js';
import { pretrainingPage } from './pretraining-page.js';
import { runPage } from './run-page.js';

/** What a report is made from. */
export interface ReportOptions {
  /** Holds `metrics.json`: of a run, a pre-training, a cross validation or an ablation. */
  readonly folder: string;
  /** Where the page goes; `report.html` in the folder by default. */
  readonly out?: string;
  /** Pictures of faces to explain instead of the one that may be published. */
  readonly gradCamImages?: string;
}

/**
 * Writes the report of a folder of results: one HTML file that needs nothing else.
 *
 * @returns the page's path
 * @throws {TrainerError} `results-missing`, `results-version`, `results-invalid`, `output-failed`;
 *   `argument-invalid`: pictures to explain, and nothing to explain them with
 */
export async function writeReport({ folder, out, gradCamImages }: ReportOptions): Promise<string> {
  const read = await readMetrics(join(folder, RESULT_FILES.metrics));
  // Results of an older trainer lack the values that came since: their defaults change nothing.
  const metrics = { ...read, config: resolveConfig(read.config) };
  const predictions = await predictionsOf(folder);
  const page = await pageOf(folder, metrics, predictions, gradCamImages);
  const path = out ?? join(folder, RESULT_FILES.report);
  await writeWholeFile(path, renderPage(page));
  return path;
}

async function pageOf(
  folder: string,
  metrics: AnyMetrics,
  predictions: RunPredictions | undefined,
  gradCamImages: string | undefined,
): Promise<Page> {
  if (metrics.kind !== 'run' && gradCamImages !== undefined) {
    throw new TrainerError(
      'argument-invalid',
      `--grad-cam-images explains the expressions that one run tells apart; ${folder} holds a ` +
        `${metrics.kind}. Name the folder of a run.`,
    );
  }
  switch (metrics.kind) {
    case 'run':
      return runPage(metrics, predictions, await explanation(folder, gradCamImages));
    case 'pretraining':
      return pretrainingPage(metrics);
    case 'cross-validation':
      return crossValidationPage(metrics, predictions, await runsBelow(folder));
    case 'ablation':
      return ablationPage(metrics, predictions);
  }
}

/** Grad-CAM of the chosen weights, which lie beside the results of a run, unless somebody took them away. */
async function explanation(folder: string, pictures: string | undefined): Promise<Section[]> {
  const checkpoint = join(folder, RUN_FILES.best);
  if (existsSync(checkpoint)) {
    const model = await modelOfCheckpoint(checkpoint);
    return [
      await gradCamSection({ model, ...(pictures === undefined ? {} : { folder: pictures }) }),
    ];
  }
  if (pictures === undefined) return [];
  throw new TrainerError(
    'argument-invalid',
    `--grad-cam-images needs the weights of the run, but there is no ${checkpoint}.`,
  );
}

/** The predictions, where they were kept. */
async function predictionsOf(folder: string): Promise<RunPredictions | undefined> {
  return unlessMissing(readPredictions(join(folder, RESULT_FILES.predictions)));
}

/** The finished runs in the folders of a folder, by name. */
async function runsBelow(folder: string): Promise<RunMetrics[]> {
  const entries = (await readdir(folder)).sort(byNumbersWithin);
  const runs: RunMetrics[] = [];
  for (const entry of entries) {
    const inner = join(folder, entry);
    if (!(await stat(inner)).isDirectory()) continue;
    const metrics = await unlessMissing(readMetrics(join(inner, RESULT_FILES.metrics)));
    if (metrics?.kind === 'run') runs.push(metrics);
  }
  return runs;
}

/** `fold-2` before `fold-10`. */
function byNumbersWithin(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof TrainerError && error.code === 'results-missing') return undefined;
    throw error;
  }
}
