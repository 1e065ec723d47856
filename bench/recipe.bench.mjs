/**
 * What each ingredient of the recipe `best` is worth: a narrow network on RAF-DB at 48 pixels, trained
 * with one thing changed at a time, the same seeds and the same number of images for every row, judged on
 * the validation tenth. The result is evidence for docs/decisions/0010-recipe.md. Runs go to
 * runs/recipe-*; those that are finished are not run again, those that were interrupted go on. Needs
 * the data: `RAF_DB_ROOT=<folder> FERPLUS_ROOT=<folder> npm run bench -- recipe`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { mean } from '../packages/trainer/dist/statistics/mean.js';
import { spreadOf } from '../packages/trainer/dist/statistics/spread.js';
import { ROOT, run } from '../scripts/lib/run.mjs';
import { writeResult } from './lib/report.mjs';

const { RAF_DB_ROOT, FERPLUS_ROOT } = process.env;
if (!RAF_DB_ROOT || !FERPLUS_ROOT) {
  console.log('RAF_DB_ROOT and FERPLUS_ROOT are not both set: left out.');
  process.exit(0);
}

const SEEDS = [1, 2, 3];
const STAGE = {
  dataset: 'raf-db',
  imageSize: 48,
  epochs: 5,
  learningRate: 2e-3,
  schedule: { kind: 'one-cycle', warmUpShare: 0.2 },
};
const BASE = {
  batchSize: 32,
  network: { width: 24 },
  losses: { weightDecay: 0.02 },
  stages: [STAGE],
};
const onStage = (values) => ({ ...BASE, stages: [{ ...STAGE, ...values }] });

/** Each is the base with one thing changed. @type {Record<string, object>} */
const ROWS = {
  base: BASE,
  'steps, x0.1 every second epoch': onStage({
    schedule: { kind: 'step', everyEpochs: 2, factor: 0.1 },
  }),
  'weights averaged (decay 0.99)': { ...BASE, averaging: { decay: 0.99, startEpoch: 0 } },
  'label smoothing 0.05': { ...BASE, losses: { ...BASE.losses, labelSmoothing: 0.05 } },
  'class balance 0.3': onStage({ classBalance: 0.3 }),
  'mixup 0.2': { ...BASE, augmentation: { mixUpAlpha: 0.2 } },
  '35 % of the images from FER+': onStage({ mixWith: [{ dataset: 'ferplus', share: 0.35 }] }),
  'two epochs of FER+ first': {
    ...BASE,
    stages: [{ ...STAGE, dataset: 'ferplus', epochs: 2 }, STAGE],
  },
  'three epochs at 32 pixels, three at 48': {
    ...BASE,
    stages: [
      { ...STAGE, imageSize: 32, epochs: 3 },
      { ...STAGE, epochs: 3 },
    ],
  },
};

const folder = `${ROOT}.cache/recipe/`;
mkdirSync(folder, { recursive: true });
const cli = `${ROOT}packages/trainer/dist/cli.js`;
const jobs = Object.entries(ROWS).flatMap(([row, config], index) =>
  SEEDS.map((seed) => ({
    row,
    seed,
    config: { ...config, seed },
    name: `recipe-${index}-${seed}`,
  })),
);

/** Trains where it is not done yet; the figures of the epoch that validation chose. */
async function measure({ name, config }) {
  const runFolder = `${ROOT}runs/${name}`;
  if (!existsSync(`${runFolder}/metrics.json`)) {
    const file = `${folder}${name}.json`;
    writeFileSync(file, JSON.stringify(config));
    const isBegun = existsSync(`${runFolder}/last.ckpt`);
    const { code } = await run(
      process.execPath,
      [
        ...[cli, 'train', '--name', name, '--experiment', file, '--workers', '1'],
        ...['--root', `raf-db=${RAF_DB_ROOT}`, '--root', `ferplus=${FERPLUS_ROOT}`],
        ...(isBegun ? ['--resume'] : []),
      ],
      { cwd: ROOT },
    );
    if (code !== 0) throw new Error(`${name} ended with exit code ${code}`);
  }
  const { evaluations } = JSON.parse(readFileSync(`${runFolder}/metrics.json`, 'utf8'));
  const { accuracy, meanClassAccuracy } = evaluations.find(({ split }) => split === 'val');
  return { accuracy, meanClassAccuracy };
}

const results = new Map();
const waiting = [...jobs];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      results.set(job.name, await measure(job));
      console.log(`${results.size} of ${jobs.length}: ${job.row}, seed ${job.seed}`);
    }
  }),
);

/** Standard error of the mean of differences. */
const error = (values) => spreadOf(values).standardDeviation / Math.sqrt(values.length);
const of = (row, figure) =>
  jobs.filter((job) => job.row === row).map((job) => results.get(job.name)[figure]);
const points = (share) => Number((100 * share).toFixed(2));
const rows = Object.keys(ROWS).map((row) => {
  const differences = (figure) =>
    of(row, figure).map((value, seed) => value - of('base', figure)[seed]);
  return {
    row,
    accuracy: points(mean(of(row, 'accuracy'))),
    gain: points(mean(differences('accuracy'))),
    gainError: points(error(differences('accuracy'))),
    meanClassAccuracy: points(mean(of(row, 'meanClassAccuracy'))),
    meanClassGain: points(mean(differences('meanClassAccuracy'))),
    meanClassGainError: points(error(differences('meanClassAccuracy'))),
  };
});
console.table(rows);
writeResult('recipe', { seeds: SEEDS, base: BASE, rows });
