/**
 * What a frame of FDRL-ECANet at 224 pixels costs on WebGPU, and a training step of 32 images: dispatches,
 * passes, submits, bind groups and bytes, counted on a device that executes nothing. Exact, and no GPU is
 * needed. Pixels come from the CPU in all of them. frame-counts.test.ts in packages/sdk/test/webgpu and
 * training-counts.test.ts in packages/trainer/test/webgpu hold ours to its limits.
 */
import { DEFAULT_NETWORK } from '../packages/sdk/dist/network/index.js';
import { answerOf } from './lib/child.mjs';
import { ENGINES } from './lib/engines.mjs';
import { writeResult } from './lib/report.mjs';
import { TRAINING_ENGINES } from './lib/training-engines.mjs';

/** A step of the paper's training. */
const TASK = { width: DEFAULT_NETWORK.width, imageSize: DEFAULT_NETWORK.inputSize, batch: 32 };

/** @type {Record<string, { start: object, frame: { dispatches: number } } | { unavailable: string }>} */
const engines = {};
for (const name of Object.keys(ENGINES)) engines[name] = await answerOf('count-frame.mjs', [name]);

const counted = Object.entries(engines).filter(([, counts]) => 'frame' in counts);
console.table(
  Object.fromEntries(counted.map(([name, { start, frame }]) => [name, { ...frame, ...start }])),
);

/** @type {Record<string, Record<'dispatches' | 'submits' | 'uploadedMb' | 'processorMs', number>>} */
const steps = {};
for (const name of Object.keys(TRAINING_ENGINES)) {
  steps[name] = await answerOf('count-training-step.mjs', [name, JSON.stringify(TASK)]);
}
console.table(steps);

const dispatches = counted.map(([name, { frame }]) => `${name} ${frame.dispatches}`);
const missing = Object.keys(engines).filter((name) => 'unavailable' in engines[name]);
const summary = [
  `Dispatches a frame: ${dispatches.join(', ')}.`,
  `A training step of ${TASK.batch} images: ${Object.entries(steps)
    .map(
      ([name, { dispatches, submits, uploadedMb, processorMs }]) =>
        `${name} ${dispatches} dispatches, ${submits} ${submits === 1 ? 'submit' : 'submits'}, ${uploadedMb} MB uploaded, ${processorMs} ms of the processor`,
    )
    .join('; ')}.`,
  ...missing.map((name) => `${name}: ${engines[name].unavailable}.`),
];
console.log(summary.join('\n'));
writeResult('dispatches', {
  inputSize: DEFAULT_NETWORK.inputSize,
  engines,
  training: { ...TASK, steps },
  summary,
});
