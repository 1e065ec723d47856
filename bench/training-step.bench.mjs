/**
 * One training step (forward, joint loss, all gradients) by back end, one worker, so one core: a narrow
 * network on all of them, since the cpu back end is slow, and the whole network on wasm and native.
 */
import { initialiseBackend } from '../packages/trainer/dist/backend.js';
import { backendThread } from './lib/backend-thread.mjs';
import { interleaved, rounded, writeResult } from './lib/report.mjs';

const TASKS = new URL('lib/step-tasks.mjs', import.meta.url).href;
const BATCH = 16;
const ROUNDS = 5;
const NARROW = { width: 8, imageSize: 48 };
const CASES = [
  { backend: 'cpu', ...NARROW },
  { backend: 'wasm', ...NARROW },
  { backend: 'native', ...NARROW },
  { backend: 'wasm', width: 64, imageSize: 48 },
  { backend: 'native', width: 64, imageSize: 48 },
  { backend: 'wasm', width: 64, imageSize: 64 },
  { backend: 'native', width: 64, imageSize: 64 },
];

/** Whether packages/trainer/native has been built. */
const hasNative = await initialiseBackend('native').then(
  () => true,
  () => false,
);
if (!hasNative) console.log('The native back end is not built (npm run build:native): left out.');
const cases = CASES.filter(({ backend }) => backend !== 'native' || hasNative);
const names = [...new Set(cases.map(({ backend }) => backend))];
const threads = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, await backendThread(TASKS, name)])),
);
const timings = await interleaved(cases, ROUNDS, ({ backend, width, imageSize }) =>
  threads[backend].measure({ width, imageSize, batch: BATCH }),
);
for (const thread of Object.values(threads)) await thread.stop();

const steps = cases.map((one, index) => {
  const wasm = cases.findIndex(
    (other) =>
      other.backend === 'wasm' && other.width === one.width && other.imageSize === one.imageSize,
  );
  return {
    ...one,
    batch: BATCH,
    stepMs: rounded(timings[index]),
    imageMs: rounded(timings[index] / BATCH),
    timesFasterThanWasm: rounded(timings[wasm] / timings[index]),
  };
});
const summary = steps
  .filter(({ backend, width }) => backend === 'native' && width === 64)
  .map(
    ({ imageSize, imageMs, timesFasterThanWasm }) =>
      `A training step at ${imageSize} px on the native back end: ${imageMs} ms an image on one core, ` +
      `${timesFasterThanWasm} times as fast as wasm.`,
  );
console.table(steps);
console.log(summary.join('\n'));
writeResult('training-step', { rounds: ROUNDS, steps, summary });
