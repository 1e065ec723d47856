import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TABLE_2 } from '../src/report/paper-tables.js';
import { writeReport } from '../src/report/write-report.js';
import { temporaryFolder, writeText } from './support/image-folders.js';
import {
  sampleAblation,
  sampleCrossValidation,
  samplePretraining,
  sampleRun,
} from './support/results.js';
import { trainerError } from './support/trainer-error.js';

/** A folder with these files as JSON. */
async function folderWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await writeText(join(folder, name), JSON.stringify(content));
  }
  return folder;
}

async function reportOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  return readFile(await writeReport({ folder: await folderWith(files) }), 'utf8');
}

const text = (page: string): string =>
  page
    .replace(/<(style|svg)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replace(/\s+/g, ' ');

/** Everything that a page of ours must be, whatever it reports. */
function expectSelfContained(page: string): void {
  const addresses = [...page.matchAll(/(?:src|href|url|xlink:href)\s*[=(]\s*["']?([^"')\s>]*)/g)];
  for (const [, address] of addresses)
    expect(address).toMatch(/^(#|data:|http:\/\/www\.w3\.org\/)/);
  expect(page).not.toMatch(/<script|<link|<iframe|@import| on\w+=/);
  expect(page).not.toMatch(/ style="/); // the page's own policy would not apply it
  expect(page).toContain('Content-Security-Policy');
  for (const [svg] of page.matchAll(/<svg[^>]*>/g)) {
    expect(svg).toMatch(/role="img" aria-label="[^"]{20,}"/);
  }
  expect(page).not.toMatch(/NaN|undefined|\[object/);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

describe('the report of a run', () => {
  const { metrics, predictions } = sampleRun();

  it('is one page that needs nothing else', async () => {
    const page = await reportOf({ 'metrics.json': metrics, 'predictions.json': predictions });
    expectSelfContained(page);
    expect(page.match(/<svg/g)!.length).toBe(6 + 2 + 1); // curves, matrices, reliability
  });

  it('shows every figure of the results', async () => {
    const page = text(await reportOf({ 'metrics.json': metrics, 'predictions.json': predictions }));
    const { accuracy, perClass, confusionMatrix } = metrics.evaluations[0]!;
    expect(page).toContain(`${(100 * accuracy).toFixed(2)} %`);
    for (const { label, support, recall } of perClass) {
      expect(page).toMatch(
        new RegExp(`${label} ${support} [\\d.]+ % ${(100 * recall).toFixed(1)} %`),
      );
    }
    expect(page).toContain(`neutral ${confusionMatrix[0]!.join(' ')}`);
    expect(page).toContain(metrics.provenance.command);
    expect(page).toContain('Abacus 7, 2 core(s), 8 GiB');
    expect(page).toContain('FDRL-ECANet (the paper’s) 89.13 %');
    expect(page).toContain('The run has 6 of the 60 epochs'); // as the configuration says
    expect(page).toContain('Few images of');
  });

  it('counts every prediction in one bin of confidence', async () => {
    const page = text(await reportOf({ 'metrics.json': metrics, 'predictions.json': predictions }));
    const bins = [...page.matchAll(/0\.\d\d–[01]\.\d\d (\d+) /g)].map(([, count]) => Number(count));
    expect(bins.reduce((sum, count) => sum + count, 0)).toBe(210);
  });

  it('names everything that the weights went through', async () => {
    const origins = [{ name: 'resnet18.safetensors', terms: 'its own' }];
    const page = text(await reportOf({ 'metrics.json': { ...metrics, origins } }));
    expect(page).toContain('resnet18.safetensors its own');
    const command = 'npm run trainer -- train --init other.ckpt';
    const older = { ...metrics, provenance: { ...metrics.provenance, command } };
    expect(text(await reportOf({ 'metrics.json': older }))).toContain(
      'which these results do not name',
    );
  });

  it('can be made of results that are older than some values of the configuration', async () => {
    const { mixWith, ...stage } = metrics.config.stages[0]!;
    expect(mixWith).toEqual([]);
    const older = { ...metrics, config: { ...metrics.config, stages: [stage] } };
    expectSelfContained(await reportOf({ 'metrics.json': older }));
  });

  it('says so where the predictions were not kept', async () => {
    const page = text(await reportOf({ 'metrics.json': metrics }));
    expect(page).toContain('The single predictions were not kept');
  });

  it('escapes what it did not write itself', async () => {
    const hostile = { ...metrics, name: '<img src=x onerror=alert(1)>', backend: '"&\'' };
    const page = await reportOf({ 'metrics.json': hostile });
    expect(page).not.toContain('<img');
    expect(page).toContain('&quot;&amp;&#39;, 2 data-parallel');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  it('refuses pictures to explain without weights that could', async () => {
    const folder = await folderWith({ 'metrics.json': metrics });
    const error = await trainerError(writeReport({ folder, gradCamImages: folder }));
    expect(error.code).toBe('argument-invalid');
    expect(error.message).toContain('best.ckpt');
  });
});

describe('the report of a pre-training', () => {
  it('shows each attribute beside what saying always the same would reach', async () => {
    const page = await reportOf({ 'metrics.json': samplePretraining() });
    expectSelfContained(page);
    const words = text(page);
    expect(words).toContain('Attribute accuracy 93.50 %');
    expect(words).toContain('Smiling 48.0 % 90.0 % 52.0 % 89.0 % Bald 2.0 % 97.0 % 98.0 % 61.0 %');
    expect(words).toContain('celeba research');
    expect(words).toContain('3 image(s) could not be read');
  });

  it('refuses pictures to explain: its network tells no expressions apart', async () => {
    const folder = await folderWith({ 'metrics.json': samplePretraining() });
    const error = await trainerError(writeReport({ folder, gradCamImages: folder }));
    expect(error.code).toBe('argument-invalid');
    expect(error.message).toContain('holds a pretraining');
  });
});

describe('the report of a cross validation', () => {
  const metrics = sampleCrossValidation();

  it('shows every fold, their spread, and the curves of the first fold beside it', async () => {
    const page = await reportOf({
      'metrics.json': metrics,
      'fold-10/metrics.json': { ...sampleRun().metrics, name: 'tenth' },
      'fold-2/metrics.json': { ...sampleRun().metrics, name: 'second' },
    });
    expectSelfContained(page);
    const words = text(page);
    for (const { fold, metrics: measured } of metrics.runs) {
      expect(words).toContain(`${fold + 1} 1 140 ${(100 * measured.accuracy).toFixed(2)} %`);
    }
    const { mean, standardDeviation } = metrics.accuracy;
    expect(words).toContain(
      `${(100 * mean).toFixed(2)} ± ${(100 * standardDeviation).toFixed(2)} %`,
    );
    expect(words).toContain('Of the first fold, run second');
    expect(words).toContain('FDRL-ECANet (the paper’s) 99.70 %');
    expect(words).toContain('near-identical frames'); // folds by image
  });
});

describe('the report of an ablation', () => {
  const { metrics, predictions } = sampleAblation();

  it('puts each row beside the paper’s and compares the rows', async () => {
    const page = await reportOf({ 'metrics.json': metrics, 'predictions.json': predictions });
    expectSelfContained(page);
    const words = text(page);
    for (const { name, accuracy } of TABLE_2) {
      expect(words).toMatch(
        new RegExp(`${name.replace(/[()]/g, '\\$&')}.*${accuracy['raf-db'].toFixed(2)} %`),
      );
    }
    expect(words).toContain('not in the paper');
    expect(words).toContain('not corrected for the 3 comparison(s)');
    expect(words).toContain('Only 2 run(s) for a row');
    const { mcnemar } = metrics.comparisons[0]!;
    expect(words).toContain(
      `${mcnemar.onlyFirst} ${mcnemar.onlySecond} ${mcnemar.pValue.toFixed(3)}`,
    );
  });
});

describe('writeReport', () => {
  it('writes where it is told', async () => {
    const folder = await folderWith({ 'metrics.json': sampleRun().metrics });
    const out = join(folder, 'deep', 'page.html');
    expect(await writeReport({ folder, out })).toBe(out);
    expect(await readFile(out, 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('gives the same page for the same results', async () => {
    const files = { 'metrics.json': sampleRun().metrics };
    const plain = (page: string): string => page.replace(/zr\d+-/g, 'zr-');
    expect(plain(await reportOf(files))).toBe(plain(await reportOf(files)));
  });

  it('says what to do where there are no results', async () => {
    const error = await trainerError(writeReport({ folder: await temporaryFolder() }));
    expect(error.code).toBe('results-missing');
  });
});
