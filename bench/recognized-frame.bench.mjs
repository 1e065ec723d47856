/* global createImageBitmap */
/**
 * One recognised frame (detector, crop, network, result) with the shipped weights, by back end, in
 * headless Chromium. Each back end has a page of its own; medians after the warm-up of create().
 * WebGPU runs on SwiftShader, a software adapter, so that it runs on every machine: its time proves
 * nothing about a GPU. A back end that does not start is recorded with what kept it.
 */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { CHROMIUM_ARGS, SWIFTSHADER_ARGS, ensureChromium } from '../scripts/lib/chromium.mjs';
import { ROOT, runTool } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';
import { median, rounded, writeResult } from './lib/report.mjs';

/** Frames of each back end: the slow ones get fewer. */
const FRAMES = { wasm: 15, webgpu: 2, cpu: 1 };

const { code } = await runTool('rollup/dist/bin/rollup', ['-c', '--silent']);
if (code !== 0) process.exit(code);
const picture = readFileSync(`${ROOT}e2e/fixtures/astronaut.png`).toString('base64');
const server = await serve(`${ROOT}packages/sdk`, 5300);
const browser = await chromium.launch({
  executablePath: await ensureChromium(),
  args: [...CHROMIUM_ARGS, ...SWIFTSHADER_ARGS],
});

/** Runs in the page. */
async function measure({ backend, frames, picture }) {
  const adapter = backend === 'webgpu' ? await navigator.gpu?.requestAdapter() : undefined;
  if (backend === 'webgpu' && !adapter) return { unavailable: 'no adapter' };
  const { EmotionRecognizer } = await import('/dist/emotion-cam.bundle.js');
  const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const began = performance.now();
  let recognizer;
  try {
    recognizer = await EmotionRecognizer.create({ backend });
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

const backends = {};
try {
  for (const [backend, frames] of Object.entries(FRAMES)) {
    console.log(`${backend}: ${frames} frame(s) …`);
    const page = await browser.newPage();
    await page.goto(`${server.url}package.json`);
    const run = await page.evaluate(measure, { backend, frames, picture });
    await page.close();
    if (run.unavailable) {
      backends[backend] = run;
      continue;
    }
    const { timings, createMs, ...facts } = run;
    backends[backend] = {
      ...facts,
      frames,
      createMs: rounded(createMs),
      detectMs: rounded(median(timings.map((one) => one.detectMs))),
      networkMs: rounded(median(timings.map((one) => one.networkMs))),
      totalMs: rounded(median(timings.map((one) => one.totalMs))),
    };
  }
} finally {
  await browser.close();
  await server.close();
}

console.table(backends);
const { wasm, cpu, webgpu } = backends;
const summary = [];
if (wasm.totalMs) {
  const ratio = cpu.totalMs
    ? `, ${rounded(cpu.totalMs / wasm.totalMs)} times as fast as the cpu back end`
    : '';
  summary.push(
    `A recognised frame on wasm (${wasm.threads ?? 1} thread(s)): ${wasm.totalMs} ms${ratio}.`,
  );
}
if (webgpu.totalMs) {
  summary.push(`On WebGPU with the adapter "${webgpu.adapter}": ${webgpu.totalMs} ms.`);
}
console.log(summary.join('\n'));
writeResult('recognized-frame', { backends, summary });
