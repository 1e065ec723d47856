/**
 * `npm run docs:numbers`: writes the numbers of the README from the committed result files. With
 * `--check` it changes nothing and fails when the README says something else.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ROOT } from './lib/run.mjs';

const README = `${ROOT}README.md`;
/** The shipped models, and where `evaluate --end-to-end --json` left what it measured of each. */
const MODELS = { 'fdrl-ecanet': 'end-to-end', 'fdrl-ecanet-lite': 'end-to-end-lite' };
const SPLITS = `Each model comes with these figures in its manifest. \`val\` and \`val2\` are two tenths cut from the
training split: \`val\` chose the epoch, the variant and the temperature, \`val2\` was used for nothing else.`;
const START = /<!-- numbers: [^>]*-->\n/;
const END = '<!-- end of numbers -->';

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** @param {readonly string[][]} rows the first is the head */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}

/** @param {string} model */
const manifestOf = (model) =>
  JSON.parse(readFileSync(`${ROOT}models/${model}/manifest.json`, 'utf8'));

/** Accuracy of a model's weights by variant, from its manifest. */
function accuracy(model) {
  const { metrics, variants, defaultVariant } = manifestOf(model);
  const megabytes = (name) =>
    variants[name].shards.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const names = ['float32', 'float16', 'uint8'];
  const measuredOn = names.map((name) => [name, metrics[name]]);
  if (metrics.confirmation) measuredOn.push([defaultVariant, metrics.confirmation]);
  const rows = measuredOn.map(([name, measured]) => [
    name === defaultVariant ? `${name} (default)` : name,
    name in variants ? `${megabytes(name).toFixed(1)} MB` : '-',
    measured.split,
    percent(measured.accuracy),
    percent(measured.meanClassAccuracy),
    measured.macroF1.toFixed(3),
  ]);
  const { dataset, count, imageSize } = metrics.float32;
  return `\`models/${model}\` on ${dataset} (${count} images a split), at ${imageSize}x${imageSize}:

${table([['weights', 'download', 'split', 'overall', 'mean class', 'macro F1'], ...rows])}`;
}

/** A model through the whole SDK (`evaluate --end-to-end`), against the trainer's number. */
function endToEnd([model, result]) {
  const file = `${ROOT}bench/results/${result}.json`;
  if (!existsSync(file)) return [];
  const { accuracy, count, facesFound, dataset, split } = JSON.parse(readFileSync(file, 'utf8'));
  const { metrics, defaultVariant } = manifestOf(model);
  const inTrainer = metrics[defaultVariant];
  const isSame = [inTrainer.dataset, inTrainer.split].join() === [dataset, split].join();
  return [
    `\`${model}\` through the whole SDK in Chromium (detector, crop, network): ${percent(accuracy)} of ${count} images of ` +
      `${dataset}, split \`${split}\`, a face that is not found counted as wrong; a face was found in ` +
      percent(facesFound / count) +
      (isSame ? `; ${percent(inTrainer.accuracy)} in the trainer.` : '.'),
  ];
}

/** Ratios of the benchmarks: each result file may bring lines of its own under \`summary\`. */
function benchmarks() {
  const files = ['recognized-frame', 'realtime', 'trainer', 'convolution-gradients'].map(
    (name) => `${ROOT}bench/results/${name}.json`,
  );
  const summaries = files
    .filter((file) => existsSync(file))
    .flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).summary ?? []);
  const lines = [...Object.entries(MODELS).flatMap(endToEnd), ...summaries];
  return lines.length > 0
    ? `Benchmarks, each a comparison within one run (machine and date stand in the result files):\n\n${lines.map((line) => `- ${line}`).join('\n')}`
    : '';
}

const readme = readFileSync(README, 'utf8');
const start = START.exec(readme);
const from = start ? start.index + start[0].length : 0;
const to = readme.indexOf(END, from);
if (!start || to < 0) {
  console.error(`README.md has no block between ${START} and ${END}.`);
  process.exit(1);
}
const numbers = [SPLITS, ...Object.keys(MODELS).map(accuracy), benchmarks()]
  .filter(Boolean)
  .join('\n\n');
const updated = `${readme.slice(0, from)}\n${numbers}\n\n${readme.slice(to)}`;
if (process.argv.includes('--check')) {
  if (updated !== readme) {
    console.error('The numbers in README.md are out of date: npm run docs:numbers');
    process.exit(1);
  }
} else {
  writeFileSync(README, updated);
}
