/* global Worker */
/**
 * This project against others on WebAssembly in headless Chromium, each pair within one run:
 * - the networks alone: ours on TensorFlow.js, the exported ONNX file on onnxruntime-web, and a TensorFlow Lite
 *   file on LiteRT.js, which alone has a build for relaxed SIMD; each in a worker of a cross-origin isolated page,
 *   with one thread and with two;
 * - pictures in, expression out, on the frames of the recorded clip: this SDK, @vladmandic/human and
 *   @vladmandic/face-api, in the thread of a page each.
 * All take turns, so that other work on the machine slows all of them. The peers are installed in bench/peers.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { decodeWeights, parseManifest } from '../packages/sdk/dist/network/index.js';
import { encodeOnnx } from '../packages/trainer/dist/export/export-onnx.js';
import { Explained, runMain, step } from '../scripts/lib/log.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { ROOT, runTool } from '../scripts/lib/run.mjs';
import { tfjsModules } from '../scripts/lib/tfjs-modules.mjs';
import { barPlot } from './lib/bar-plot.mjs';
import { installPeers, PEERS } from './lib/peers.mjs';
import { rounded, spread, writePlot, writeResult } from './lib/report.mjs';
import { encodeTflite } from './lib/tflite-network.mjs';

const MODELS = { full: 'models/fdrl-ecanet/', lite: 'models/fdrl-ecanet-lite/' };
/** By the threads that they can have. */
const ENGINES = {
  'emotion-cam': [1, 2],
  'onnxruntime-web': [1, 2],
  'LiteRT.js, relaxed SIMD': [1, 2],
  'LiteRT.js, plain SIMD': [1], // there is no build with threads
};
const OURS = 'emotion-cam';
const THREADS = [1, 2];
/** Frames of the network: turns, and frames a turn, the first of which warms the caches and does not count. */
const [TURNS, FRAMES] = [12, 6];
/** Logits of two runtimes may differ by this much: the order of sums is another. */
const TOLERATED_DIFFERENCE = 1e-3;

const PIPELINES = [
  'emotion-cam, full',
  'emotion-cam, lite',
  '@vladmandic/human',
  '@vladmandic/face-api',
];
/** Of the clip, in seconds; somebody is in view three quarters of the time. */
const CLIP_TIMES = Array.from({ length: 60 }, (_, i) => (i + 0.5) * (10 / 60));

/** Below the repository's root, not committed. */
const BUILT = 'bench/peers/dist/';
const PEER_FILES = {
  onnxruntime: 'onnxruntime-web/dist/ort.wasm.min.mjs',
  litert: '@litertjs/core/dist/index.js',
  human: '@vladmandic/human/dist/human.esm.js',
  faceApi: '@vladmandic/face-api/dist/face-api.esm.js',
};

/** The worker's script and the ONNX files, as `export --format onnx` writes them. */
async function build() {
  mkdirSync(ROOT + BUILT, { recursive: true });
  const { code } = await runTool('rollup/dist/bin/rollup', ['-c', '--silent']); // the SDK's bundle
  if (code !== 0) throw new Explained('The SDK could not be bundled; why is said above.');
  for (const [model, folder] of Object.entries(MODELS)) {
    const { network, variants } = parseManifest(
      JSON.parse(readFileSync(`${ROOT}${folder}manifest.json`, 'utf8')),
    );
    const { float16 } = variants;
    const bytes = Buffer.concat(
      float16.shards.map(({ file }) => readFileSync(ROOT + folder + file)),
    );
    const folded = decodeWeights(float16, bytes);
    const onnx = encodeOnnx({ network, imageSize: network.inputSize, folded, metadata: {} });
    writeFileSync(`${ROOT}${BUILT}${model}.onnx`, onnx);
    writeFileSync(`${ROOT}${BUILT}${model}.tflite`, encodeTflite(network, folded));
  }
  const bundle = await rollup({
    input: fileURLToPath(new URL('lib/network-worker.mjs', import.meta.url)),
    plugins: [tfjsModules, nodeResolve({ browser: true, modulePaths: [PEERS] })],
    logLevel: 'silent',
  });
  // A classic script: LiteRT.js starts with importScripts().
  const file = `${ROOT}${BUILT}worker.js`;
  await bundle.write({ file, format: 'iife', inlineDynamicImports: true });
}

/** Runs in the page: a worker for each case, which take turns. */
async function timeNetworks({ script, cases, turns, frames }) {
  const ask = (worker, message) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) =>
        data.error ? reject(new Error(data.error)) : resolve(data.value);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(message);
    });
  const running = [];
  for (const one of cases) {
    const worker = new Worker(script);
    running.push({ worker, ...(await ask(worker, one)), timings: [] });
  }
  for (let turn = 0; turn < turns; turn++) {
    for (const { worker, timings } of running) {
      // Threads of the one before still spin for a moment.
      await new Promise((resolve) => setTimeout(resolve, 50));
      timings.push(...(await ask(worker, { frames })).slice(1));
    }
  }
  return running.map(({ logits, expected, timings }) => ({ logits, expected, timings }));
}

/** @param {import('playwright').Page} page @param {string} url */
async function networks(page, url) {
  const cases = Object.entries(MODELS).flatMap(([model, folder]) =>
    THREADS.flatMap((threads) =>
      Object.keys(ENGINES)
        .filter((name) => ENGINES[name].includes(threads))
        .map((name) => ({
          ...{ name, model, threads, folder: url + folder },
          files: {
            tfjsWasm: `${url}packages/sdk/assets/tfjs-wasm/`,
            onnxruntime: `${url}bench/peers/node_modules/onnxruntime-web/dist/`,
            onnx: `${url}${BUILT}${model}.onnx`,
            litert: `${url}bench/peers/node_modules/@litertjs/core/wasm/`,
            tflite: `${url}${BUILT}${model}.tflite`,
          },
        })),
    ),
  );
  const script = `${url}${BUILT}worker.js`;
  const times = await page.evaluate(timeNetworks, { script, cases, turns: TURNS, frames: FRAMES });
  const rows = cases.map(({ name, model, threads }, i) => {
    const { logits, expected, timings } = times[i];
    const difference = Math.max(...logits.map((value, k) => Math.abs(value - expected[k])));
    if (!(difference < TOLERATED_DIFFERENCE)) {
      throw new Explained(
        `${name}, ${model}: its logits differ from the golden ones by ${difference}.`,
      );
    }
    return { model, threads, engine: name, frames: timings.length, ...spread(timings) };
  });
  return rows.map((row) => {
    const isPair = ({ model, threads }) => model === row.model && threads === row.threads;
    const ours = rows.find((one) => isPair(one) && one.engine === OURS);
    return { ...row, timesOurs: rounded(row.median / ours.median) };
  });
}

/** @param {import('playwright').Browser} browser @param {string} url */
async function pipelines(browser, url) {
  const peers = `${url}bench/peers/node_modules/@vladmandic/`;
  const files = {
    human: `${peers}human/`,
    faceApi: `${peers}face-api/`,
    tfjsWasm: `${url}packages/sdk/assets/tfjs-wasm/`,
  };
  const running = [];
  for (const name of PIPELINES) {
    // A page each: copies of TensorFlow.js on one page share its registry.
    const page = await browser.newPage();
    await page.goto(`${url}package.json`);
    await page.evaluate(
      async ([script, name, files]) => {
        const { openPipeline } = await import(script);
        globalThis.readFrame = await openPipeline(name, files);
      },
      [`${url}bench/lib/pipelines-page.mjs`, name, files],
    );
    running.push({ name, page, timings: [], expressions: {} });
  }
  for (const [i, seconds] of CLIP_TIMES.entries()) {
    for (const { page, timings, expressions } of running) {
      const { tookMs, expression } = await page.evaluate((at) => globalThis.readFrame(at), seconds);
      if (i < 3 || expression === undefined) continue; // warms up; nobody is in view
      timings.push(tookMs);
      expressions[expression] = (expressions[expression] ?? 0) + 1;
    }
  }
  return running.map(({ name, timings, expressions }) => ({
    ...{ pipeline: name, framesWithFace: timings.length, ...spread(timings) },
    expressions,
  }));
}

/** The rows as bars of one plot. */
function plot(networkRows, pipelineRows) {
  const bars = (rows, key) =>
    rows.map((row) => ({
      ...{ label: row[key], value: row.median, upTo: row.percentile95 },
      isPeer: !row[key].startsWith(OURS),
    }));
  const groups = Object.keys(MODELS).flatMap((model) =>
    THREADS.map((threads) => ({
      label: `Network alone: ${model}, ${threads} thread${threads > 1 ? 's' : ''}`,
      bars: bars(
        networkRows.filter((row) => row.model === model && row.threads === threads),
        'engine',
      ),
    })),
  );
  groups.push({ label: 'Picture to expression, one thread', bars: bars(pipelineRows, 'pipeline') });
  return barPlot({
    title: 'A frame on WebAssembly',
    subtitle: 'Bar: median; whisker and number in brackets: 95th percentile. Less is better.',
    unit: 'ms',
    groups,
  });
}

await runMain(async () => {
  if (!(await installPeers(Object.values(PEER_FILES)))) {
    console.log('Nothing was measured: npm could not install the packages of bench/peers.');
    return 0;
  }
  await build();
  const { url, browser, close } = await openSite(ROOT, 5350);
  let networkRows;
  let pipelineRows;
  try {
    step('Networks');
    const page = await browser.newPage();
    await page.goto(`${url}package.json`);
    networkRows = await networks(page, url);
    await page.close(); // and its workers
    step('Pipelines');
    pipelineRows = await pipelines(browser, url);
  } finally {
    await close();
  }
  console.table(networkRows);
  console.table(pipelineRows, ['pipeline', 'framesWithFace', 'least', 'median', 'percentile95']);
  const summary = [
    ...networkRows
      .filter(({ engine }) => engine !== OURS)
      .map(
        ({ model, threads, engine, median, timesOurs }) =>
          `${engine} on wasm, ${threads} thread(s): ${median} ms a frame of the ${model} network, ` +
          `${timesOurs} times ours.`,
      ),
    `Picture to expression on wasm, one thread: ` +
      `${pipelineRows.map(({ pipeline, median }) => `${pipeline} ${median} ms`).join(', ')}.`,
  ];
  console.log(summary.join('\n'));
  writeResult('peers-wasm', { networks: networkRows, pipelines: pipelineRows, summary });
  writePlot('peers-wasm', plot(networkRows, pipelineRows));
  return 0;
});
