/**
 * What a frame of FDRL-ECANet at 224 pixels costs on WebGPU: dispatches, passes, submits, bind groups
 * and bytes, counted on a device that executes nothing. Exact, and no GPU is needed. Pixels come from
 * the CPU in all of them. packages/sdk/test/webgpu/frame-counts.test.ts holds ours to its limits.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DEFAULT_NETWORK } from '../packages/sdk/dist/network/index.js';
import { ENGINES } from './lib/engines.mjs';
import { writeResult } from './lib/report.mjs';

const SCRIPT = fileURLToPath(new URL('lib/count-frame.mjs', import.meta.url));

/**
 * In a process of its own, which is killed: with onnxruntime-web's threads Node does not end.
 *
 * @param {string} name of the engine
 * @returns {Promise<{ start: object, frame: { dispatches: number } } | { unavailable: string }>}
 */
async function count(name) {
  const child = fork(SCRIPT, [name]);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with exit code ${code} before it had counted.`);
  });
  const [counts] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  child.kill('SIGKILL');
  return counts;
}

/** @type {Record<string, Awaited<ReturnType<typeof count>>>} */
const engines = {};
for (const name of Object.keys(ENGINES)) engines[name] = await count(name);

const counted = Object.entries(engines).filter(([, counts]) => 'frame' in counts);
console.table(
  Object.fromEntries(counted.map(([name, { start, frame }]) => [name, { ...frame, ...start }])),
);
const dispatches = counted.map(([name, { frame }]) => `${name} ${frame.dispatches}`);
const missing = Object.keys(engines).filter((name) => 'unavailable' in engines[name]);
const summary = [
  `Dispatches a frame: ${dispatches.join(', ')}.`,
  ...missing.map((name) => `${name}: ${engines[name].unavailable}.`),
];
console.log(summary.join('\n'));
writeResult('dispatches', { inputSize: DEFAULT_NETWORK.inputSize, engines, summary });
