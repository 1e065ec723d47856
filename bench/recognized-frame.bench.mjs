/* global createImageBitmap */
/**
 * One recognised frame (detector, crop, network, result) with the shipped weights, by back end and, on
 * wasm, by model, in headless Chromium. Each has pages of its own; medians after the warm-up of create().
 * The two models take turns, so that other work on the machine slows both.
 * WebGPU runs on SwiftShader, a software adapter, so that it runs on every machine: its time proves
 * nothing about a GPU. A back end that does not start is recorded with what kept it.
 */
import { readFileSync } from 'node:fs';
import { SWIFTSHADER_ARGS } from '../scripts/lib/chromium.mjs';
import { openSite } from '../scripts/lib/open-site.mjs';
import { ROOT, runTool } from '../scripts/lib/run.mjs';
import { median, rounded, writeResult } from './lib/report.mjs';

/** What is measured, in how many frames a page and in how many pages: the slow ones get fewer. */
const CASES = {
  wasm: { backend: 'wasm', model: 'full', frames: 6, pages: 3 },
  'wasm, lite': { backend: 'wasm', model: 'lite', frames: 6, pages: 3 },
  webgpu: { backend: 'webgpu', model: 'full', frames: 2, pages: 1 },
  cpu: { backend: 'cpu', model: 'full', frames: 1, pages: 1 },
};

const { code } = await runTool('rollup/dist/bin/rollup', ['-c', '--silent']);
if (code !== 0) process.exit(code);
const picture = readFileSync(`${ROOT}e2e/fixtures/astronaut.png`).toString('base64');
const { url, browser, close } = await openSite(`${ROOT}packages/sdk`, 5300, SWIFTSHADER_ARGS);

/** Runs in the page. */
async function measure({ backend, model, frames, picture }) {
  const adapter = backend === 'webgpu' ? await navigator.gpu?.requestAdapter() : undefined;
  if (backend === 'webgpu' && !adapter) return { unavailable: 'no adapter' };
  const { EmotionRecognizer } = await import('/dist/emotion-cam.bundle.js');
  const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const began = performance.now();
  let recognizer;
  try {
    recognizer = await EmotionRecognizer.create({ backend, model });
  } catch (error) {
    if (error.code !== 'backend-unavailable') throw error;
    return { unavailable: error.message };
  }
  const createMs = performance.now() - began;
  const timings = [];
  let emotion;
  for (let i = 0; i < frames; i++) {
    const result = await recognizer.recognize(image);
    timings.push(result.timings);
    emotion = result.faces[0]?.emotion;
  }
  const { reason, threads } = recognizer.backend;
  recognizer.dispose();
  const name = adapter && [adapter.info.vendor, adapter.info.architecture].join(' ');
  return { createMs, timings, emotion, reason, threads, adapter: name };
}

/** One row of several pages' runs. @param {any[]} all */
function merged(all) {
  const { emotion, reason, threads, adapter, unavailable } = all[0];
  if (unavailable) return { unavailable };
  const timings = all.flatMap((run) => run.timings);
  const medianOf = (name) => rounded(median(timings.map((one) => one[name])));
  return {
    ...{ emotion, reason, threads, adapter },
    frames: timings.length,
    createMs: rounded(median(all.map((run) => run.createMs))),
    detectMs: medianOf('detectMs'),
    cropMs: medianOf('cropMs'),
    networkMs: medianOf('networkMs'),
    readbackMs: medianOf('readbackMs'),
    totalMs: medianOf('totalMs'),
  };
}

/** @type {Record<string, object[]>} */
const runs = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
try {
  for (let round = 0; round < 3; round++) {
    for (const [name, { pages, ...one }] of Object.entries(CASES)) {
      if (round >= pages) continue;
      console.log(`${name}: ${one.frames} frame(s) …`);
      const page = await browser.newPage();
      await page.goto(`${url}package.json`);
      runs[name].push(await page.evaluate(measure, { ...one, picture }));
      await page.close();
    }
  }
} finally {
  await close();
}

const backends = Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, merged(all)]));
console.table(backends);
const { wasm, 'wasm, lite': lite, cpu, webgpu } = backends;
const summary = [];
if (wasm.totalMs) {
  const ratio = cpu.totalMs
    ? `, ${rounded(cpu.totalMs / wasm.totalMs)} times as fast as the cpu back end`
    : '';
  summary.push(
    `A recognised frame on wasm (${wasm.threads ?? 1} thread(s)): ${wasm.totalMs} ms${ratio}.`,
  );
}
if (wasm.totalMs && lite.totalMs) {
  const ratio = rounded(wasm.networkMs / lite.networkMs);
  summary.push(
    `The small model on wasm: ${lite.totalMs} ms a frame; its network takes ${lite.networkMs} ms against ` +
      `${wasm.networkMs} ms of the large one's, ${ratio} times as fast.`,
  );
}
if (webgpu.totalMs) {
  summary.push(`On WebGPU with the adapter "${webgpu.adapter}": ${webgpu.totalMs} ms.`);
}
console.log(summary.join('\n'));
writeResult('recognized-frame', { backends, summary });
