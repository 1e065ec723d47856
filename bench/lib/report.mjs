import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

const trainer = JSON.parse(
  readFileSync(new URL('../../packages/trainer/package.json', import.meta.url), 'utf8'),
);

/** @param {readonly number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** @param {readonly number[]} values at least one */
export const percentile95 = (values) =>
  values.toSorted((a, b) => a - b)[Math.floor(0.95 * values.length)];

/** Of several measurements. @param {readonly number[]} values at least one */
export const spread = (values) => ({
  least: rounded(Math.min(...values)), // what other work on the machine changes least
  median: rounded(median(values)),
  percentile95: rounded(percentile95(values)),
});

/** Three significant digits. @param {number} value */
export const rounded = (value) => Number(value.toPrecision(3));

/**
 * Measures every case once per round, so that what else the machine does meets all of them alike.
 *
 * @template T
 * @param {readonly T[]} cases
 * @param {number} rounds the first one more, which warms up, is not counted
 * @param {(one: T) => Promise<number>} measure milliseconds
 * @returns {Promise<number[]>} the median of each case
 */
export async function interleaved(cases, rounds, measure) {
  const timings = cases.map(() => /** @type {number[]} */ ([]));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, one] of cases.entries()) {
      const milliseconds = await measure(one);
      if (round > 0) timings[index].push(milliseconds);
    }
  }
  return timings.map(median);
}

/**
 * Writes bench/results/<name>.json: the machine, the versions, the date and the numbers.
 *
 * @param {string} name
 * @param {object} numbers
 */
export function writeResult(name, numbers) {
  const result = {
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model,
      cores: availableParallelism(),
      platform: `${process.platform} ${process.arch}`,
      loadAverage: loadavg().map((value) => Number(value.toFixed(1))), // other work at the same time
    },
    versions: {
      node: process.version,
      tfjs: trainer.dependencies['@tensorflow/tfjs-core'],
    },
    ...numbers,
  };
  writeFileSync(resultFile(`${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes bench/results/<name>.svg. @param {string} name @param {string} svg */
export function writePlot(name, svg) {
  writeFileSync(resultFile(`${name}.svg`), svg);
}

/** @param {string} name */
const resultFile = (name) => new URL(`../results/${name}`, import.meta.url);
