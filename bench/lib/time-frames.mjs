/** Child process of bench/peers-webgpu: times the start and the frames of one engine on Dawn. */
import { readFileSync } from 'node:fs';
import { openDawn } from '../../scripts/lib/dawn.mjs';
import {
  decodeWeights,
  firstGoldenPicture,
  parseManifest,
} from '../../packages/sdk/dist/network/index.js';
import { ENGINES } from './engines.mjs';
import { median, percentile95 } from './report.mjs';

const FRAMES = 200;
const WARM_UP = 10;

/** @param {string} file */
const read = (file) => readFileSync(new URL(`../../models/fdrl-ecanet/${file}`, import.meta.url));

async function measure(name) {
  const gpu = await openDawn();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return { noCard: 'Dawn finds no WebGPU adapter on this machine' };
  const { vendor, architecture, description } = adapter.info;
  const card = [vendor, architecture, description].filter(Boolean).join(' ');
  if (adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(card)) {
    return { noCard: `the only WebGPU adapter, ${card}, runs on the CPU` };
  }
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  const manifest = parseManifest(JSON.parse(read('manifest.json')));
  const { float16 } = manifest.variants;
  const shards = Buffer.concat(float16.shards.map(({ file }) => read(file)));
  const weights = decodeWeights(float16, shards);
  const golden = firstGoldenPicture(JSON.parse(read(manifest.golden.file)), 'float16');

  const began = performance.now();
  const engine = await ENGINES[name](manifest.network, weights);
  if (!engine) return { unavailable: 'npm could not install it in bench/peers' };
  const input = engine.prepare(Float32Array.from(golden.pixels));
  const logits = await engine.run(input);
  const startMs = performance.now() - began; // weights uploaded, everything compiled, one frame

  const timings = [];
  for (let frame = 0; frame < WARM_UP + FRAMES; frame++) {
    const start = performance.now();
    await engine.run(input);
    if (frame >= WARM_UP) timings.push(performance.now() - start);
  }
  const highest = manifest.labels[logits.indexOf(Math.max(...logits))];
  return {
    adapter: card,
    startMs,
    medianMs: median(timings),
    percentile95Ms: percentile95(timings),
    highest,
  };
}

globalThis.navigator ??= {};
process.send(await measure(process.argv[2]));
