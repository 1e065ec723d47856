/** Child process of bench/peers-webgpu: times the starts and the frames of one engine on Dawn. */
import { readFileSync } from 'node:fs';
import { openDawn } from '../../scripts/lib/dawn.mjs';
import {
  decodeWeights,
  firstGoldenPicture,
  parseManifest,
} from '../../packages/sdk/dist/network/index.js';
import { ENGINES } from './engines.mjs';
import { matmulRate } from './matmul-rate.mjs';
import { networkFlops } from './network-flops.mjs';
import { median, percentile95 } from './report.mjs';

/** Frames to time, and before them, and the side of the matrices; few for a dry run. */
const AMOUNTS = {
  full: { frames: 200, warmUp: 10, matrixSide: 2048 },
  dry: { frames: 2, warmUp: 0, matrixSide: 128 },
};

/** @param {string} file */
const read = (file) => readFileSync(new URL(`../../models/fdrl-ecanet/${file}`, import.meta.url));

/** onnxruntime-web writes from its threads' shared memory, which Dawn in Node does not take. */
function acceptSharedMemory() {
  const { writeBuffer } = globalThis.GPUQueue.prototype;
  globalThis.GPUQueue.prototype.writeBuffer = function (buffer, offset, data, ...rest) {
    const isShared = data.buffer instanceof SharedArrayBuffer;
    return writeBuffer.call(this, buffer, offset, isShared ? data.slice() : data, ...rest);
  };
}

/** @param {string} name of the engine @param {boolean} isDry on the software adapter, to try the benchmark itself */
async function measure(name, isDry) {
  const gpu = await openDawn({ software: isDry });
  acceptSharedMemory();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return { noCard: 'Dawn finds no WebGPU adapter on this machine' };
  const { vendor, architecture, description } = adapter.info;
  const card = [vendor, architecture, description].filter(Boolean).join(' ');
  const isSoftware = adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(card);
  if (isSoftware && !isDry) {
    return { noCard: `the only WebGPU adapter, ${card}, runs on the CPU` };
  }
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  const manifest = parseManifest(JSON.parse(read('manifest.json')));
  const { float16 } = manifest.variants;
  const shards = Buffer.concat(float16.shards.map(({ file }) => read(file)));
  const weights = decodeWeights(float16, shards);
  const golden = firstGoldenPicture(JSON.parse(read(manifest.golden.file)), 'float16');
  const { frames, warmUp, matrixSide } = AMOUNTS[isDry ? 'dry' : 'full'];

  /** Weights uploaded, everything compiled, one frame. */
  const start = async () => {
    const began = performance.now();
    const engine = await ENGINES[name](manifest.network, weights);
    if (!engine) return undefined;
    const input = engine.prepare(Float32Array.from(golden.pixels));
    const logits = await engine.run(input);
    return { engine, input, logits, startMs: performance.now() - began };
  };
  const cold = await start();
  if (!cold) return { unavailable: 'npm could not install it in bench/peers' };
  cold.engine.dispose();
  const warm = await start(); // its code is loaded, and the driver has seen its kernels
  const { engine, input, logits } = warm;

  const timings = [];
  for (let frame = 0; frame < warmUp + frames; frame++) {
    const began = performance.now();
    await engine.run(input);
    if (frame >= warmUp) timings.push(performance.now() - began);
  }
  engine.dispose();
  const medianMs = median(timings);
  const rate = await matmulRate(matrixSide);
  const highest = engine.isWithoutHead
    ? 'no head'
    : manifest.labels[logits.indexOf(Math.max(...logits))];
  return {
    ...{ adapter: card, coldStartMs: cold.startMs, warmStartMs: warm.startMs, medianMs },
    percentile95Ms: percentile95(timings),
    matmulShare: networkFlops(manifest.network) / (medianMs / 1000) / rate,
    ...{ matmulRate: rate, highest },
  };
}

globalThis.navigator ??= {};
process.send(await measure(process.argv[2], process.argv[3] === 'dry'));
