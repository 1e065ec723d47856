import { existsSync, readFileSync } from 'node:fs';
import { ROOT } from '../run.mjs';
import { MODELS, manifestOf } from './models.mjs';
import { percent } from './table.mjs';

/** Result files whose `summary` belongs in the documentation, by what they are about. */
const BENCHMARKS = {
  'In the browser': [
    ...['recognized-frame', 'realtime', 'main-thread', 'dispatches'],
    ...['peers-wasm', 'peers-webgpu'],
  ],
  'The trainer': ['trainer', 'convolution-gradients'],
};

/** @param {string} name @returns {any} undefined: it was not run */
function resultOf(name) {
  const file = `${ROOT}bench/results/${name}.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** @param {readonly string[]} lines */
const list = (lines) => lines.map((line) => `- ${line}`).join('\n');

/** The models through the whole SDK (`evaluate --end-to-end`), against the trainer's numbers. */
export function endToEnd() {
  const lines = Object.entries(MODELS).flatMap(([model, name]) => {
    const result = resultOf(name);
    if (!result) return [];
    const { accuracy, count, facesFound, dataset, split } = result;
    const { metrics, defaultVariant } = manifestOf(model);
    const inTrainer = metrics[defaultVariant];
    const isSame = [inTrainer.dataset, inTrainer.split].join() === [dataset, split].join();
    return [
      `\`${model}\` through the whole SDK in Chromium (detector, crop, network): ${percent(accuracy)} of ${count} images of ` +
        `${dataset}, split \`${split}\`, a face that is not found counted as wrong; a face was found in ` +
        percent(facesFound / count) +
        (isSame ? `; ${percent(inTrainer.accuracy)} in the trainer.` : '.'),
    ];
  });
  return list(lines);
}

/** Each result file may bring lines of its own under `summary`. */
export function benchmarks() {
  const parts = Object.entries(BENCHMARKS).flatMap(([about, names]) => {
    const lines = names.flatMap((name) => resultOf(name)?.summary ?? []);
    return lines.length > 0 ? [`${about}:\n\n${list(lines)}`] : [];
  });
  return parts.join('\n\n');
}
