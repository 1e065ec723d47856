/**
 * What training costs: images a second by workers, size and precision, where a step's time goes, our step
 * against TensorFlow.js' own gradients, and memory over 1,000 steps. For graphics cards there is train-gpu.
 */
import { availableParallelism, loadavg } from 'node:os';
import { loadNative } from '../packages/trainer/dist/native.js';
import { backendThread } from './lib/backend-thread.mjs';
import { interleaved, rounded, writeResult } from './lib/report.mjs';
import { workerRate } from './lib/worker-rate.mjs';

const STEPS = new URL('lib/step-tasks.mjs', import.meta.url).href;
const STOCK_STEPS = new URL('lib/stock-step-tasks.mjs', import.meta.url).href;
const MEMORY = new URL('lib/memory-tasks.mjs', import.meta.url).href;

const hasNative = loadNative() !== undefined;
if (!hasNative) console.log('The native back end is not built (npm run build:native): left out.');
const fast = hasNative ? 'native' : 'wasm';
const precisions = hasNative ? ['float32', 'bfloat16'] : ['float32'];

/** One step of each back end on one core: a narrow network on all, as cpu is slow, then the whole. */
async function stepsByBackend() {
  const narrow = { width: 8, imageSize: 48, batch: 16, precision: 'float32' };
  const whole = { ...narrow, width: 64 };
  const cases = [
    { backend: 'cpu', ...narrow },
    { backend: 'wasm', ...narrow },
    { backend: 'wasm', ...whole },
    ...precisions.flatMap((precision) =>
      hasNative ? [{ backend: 'native', ...whole, precision }] : [],
    ),
    ...(hasNative ? [{ backend: 'native', ...narrow }] : []),
  ];
  const names = [...new Set(cases.map(({ backend }) => backend))];
  const threads = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await backendThread(STEPS, name)])),
  );
  const timings = await interleaved(
    cases,
    3,
    async ({ backend, ...task }) => (await threads[backend].measure(task)).total,
  );
  for (const thread of Object.values(threads)) await thread.stop();
  return cases.map((one, index) => {
    const wasm = cases.findIndex((other) => other.backend === 'wasm' && other.width === one.width);
    return {
      ...one,
      imageMs: rounded(timings[index] / one.batch),
      timesFasterThanWasm: rounded(timings[wasm] / timings[index]),
    };
  });
}

/** Our gradients, and the whole native step, against TensorFlow.js' own on the wasm back end. */
async function againstStock() {
  const task = { imageSize: 48, batch: 16, width: 64, precision: 'float32' };
  const threads = Object.fromEntries(
    await Promise.all(
      ['stock', 'ours'].map(async (name) => [name, await backendThread(STOCK_STEPS, name)]),
    ),
  );
  if (hasNative) threads.native = await backendThread(STEPS, 'native');
  const timings = await interleaved(Object.keys(threads), 3, async (implementation) =>
    implementation === 'native'
      ? (await threads.native.measure(task)).total
      : threads[implementation].measure({ ...task, implementation }),
  );
  for (const thread of Object.values(threads)) await thread.stop();
  const [stockMs, oursMs, nativeMs] = timings;
  return {
    ...task,
    stockMs: rounded(stockMs),
    oursMs: rounded(oursMs),
    ours: rounded(stockMs / oursMs),
    ...(hasNative && { nativeStepMs: rounded(nativeMs), nativeStep: rounded(stockMs / nativeMs) }),
  };
}

/** Images a second through the worker pool, rendering and optimiser included. */
async function ratesByWorkers() {
  const workers = [1, 2].filter((count) => count <= availableParallelism());
  const sizes = [
    { imageSize: 48, batch: 64 },
    { imageSize: 64, batch: 64 },
    { imageSize: 112, batch: 64 },
    { imageSize: 224, batch: 32 },
  ];
  const cases = sizes.flatMap((size) =>
    precisions.flatMap((precision) =>
      workers.map((count) => ({ ...size, precision, workers: count })),
    ),
  );
  const timings = await interleaved(cases, 3, (one) =>
    workerRate({ ...one, backend: fast, steps: 3 }),
  );
  return cases.map((one, index) => {
    const rate = (milliseconds) => one.batch / (milliseconds / 1000);
    const alone = cases.findIndex(
      (other) =>
        other.workers === 1 &&
        other.imageSize === one.imageSize &&
        other.precision === one.precision,
    );
    const efficiency = rate(timings[index]) / (one.workers * rate(timings[alone]));
    return {
      backend: fast,
      ...one,
      imagesPerSecond: rounded(rate(timings[index])),
      efficiency: rounded(efficiency),
    };
  });
}

/** Shares of one worker's time of a step, and how fast the backbone's convolutions are. */
async function breakdown() {
  if (!hasNative) return [];
  const thread = await backendThread(STEPS, 'native');
  const rows = [];
  for (const [imageSize, batch] of [
    [48, 32],
    [112, 32],
    [224, 16],
  ]) {
    for (const precision of precisions) {
      const task = { width: 64, imageSize, batch, precision };
      const steps = [];
      for (let round = 0; round < 3; round++) steps.push(await thread.measure(task));
      const { total, ...parts } = steps.toSorted((a, b) => a.total - b.total)[1];
      const share = (milliseconds) => rounded(milliseconds / total);
      rows.push({
        imageSize,
        batch,
        precision,
        stepMs: rounded(total),
        ...Object.fromEntries(Object.entries(parts).map(([name, ms]) => [name, share(ms)])),
      });
    }
  }
  await thread.stop();
  return rows;
}

/** Memory of a small network over many steps. */
async function memory() {
  const thread = await backendThread(MEMORY, fast);
  const small = await thread.measure({ width: 8, imageSize: 32, batch: 8, steps: 1000 });
  const whole = await thread.measure({ width: 64, imageSize: 112, batch: 32, steps: 2 });
  await thread.stop();
  return { small, whole };
}

// First: what the other parts leave behind would count.
const { small, whole } = await memory();
console.table([small.before, small.after]);
const byBackend = await stepsByBackend();
console.table(byBackend);
const stock = await againstStock();
console.table([stock]);
const rates = await ratesByWorkers();
console.table(rates);
const parts = await breakdown();
console.table(parts);

const best = (imageSize) =>
  rates
    .filter((rate) => rate.imageSize === imageSize)
    .reduce((a, b) => (b.imagesPerSecond > a.imagesPerSecond ? b : a));
const efficiencies = rates
  .filter(({ workers }) => workers === 2)
  .map(({ efficiency }) => efficiency);
const summary = [
  `Training on ${best(112).workers} cores (${fast}): ${[48, 112, 224]
    .map((size) => `${best(size).imagesPerSecond} images/s at ${size} px`)
    .join(', ')}, ${best(112).precision}, rendering and optimiser included.`,
  `Gradients of the network's inputs and scales on wasm: ours ${stock.ours} times as fast as TensorFlow.js' own` +
    (stock.nativeStep
      ? `; the whole native step, gradients of the filters included, ${stock.nativeStep} times.`
      : '.'),
  ...(efficiencies.length > 0
    ? [
        `Two workers against one: ${Math.min(...efficiencies)} to ${Math.max(...efficiencies)} of twice the images a second (a load of ${loadavg()[0].toFixed(0)} on the machine).`,
      ]
    : []),
  `Over ${small.steps} steps: ${small.after.tensors - small.before.tensors} tensors and ` +
    `${small.after.wasmBytes - small.before.wasmBytes} bytes of the wasm heap more than after the first ${small.warmUp}.`,
];
console.log(summary.join('\n'));
writeResult('trainer', {
  byBackend,
  stock,
  rates,
  parts,
  memory: { small, whole },
  summary,
});
