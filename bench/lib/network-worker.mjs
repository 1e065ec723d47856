/**
 * The worker of bench/peers-wasm: a network on WebAssembly by one runtime. It is told which with its first
 * message, answers with the logits of the model's golden picture, and then times as many frames as each
 * further message asks for.
 */
import {
  CHANNEL_MEAN,
  CHANNEL_STD,
  decodeWeights,
  firstGoldenPicture,
  parseManifest,
} from '../../packages/sdk/dist/network/index.js';
import { NETWORK_ENGINES } from './network-engines.mjs';

/** @param {string} url */
async function get(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}

/** A model folder: its network, its float16 weights in full precision, its first golden picture. */
async function load(folder) {
  const manifest = parseManifest(await (await get(`${folder}manifest.json`)).json());
  const { float16 } = manifest.variants;
  const shards = float16.shards.map(async ({ file }) => (await get(folder + file)).blob());
  const bytes = await new Blob(await Promise.all(shards)).bytes();
  const golden = await (await get(folder + manifest.golden.file)).json();
  return {
    network: manifest.network,
    weights: decodeWeights(float16, bytes),
    picture: firstGoldenPicture(golden, 'float16'),
  };
}

/** @param {Uint8Array} pixels RGB, [S,S,3] @returns {Float32Array} as the network takes it */
const normalised = (pixels) =>
  Float32Array.from(pixels, (value, i) => (value / 255 - CHANNEL_MEAN[i % 3]) / CHANNEL_STD[i % 3]);

let engine;
let input;

async function start({ name, threads, folder, files }) {
  const { network, weights, picture } = await load(folder);
  engine = await NETWORK_ENGINES[name]({ network, weights, threads, files });
  input = engine.prepare(normalised(picture.pixels));
  return { logits: [...(await engine.run(input))], expected: picture.logits };
}

/** @param {number} frames @returns {Promise<number[]>} milliseconds of each, from pixels to logits */
async function time(frames) {
  const timings = [];
  for (let frame = 0; frame < frames; frame++) {
    const began = performance.now();
    await engine.run(input);
    timings.push(performance.now() - began);
  }
  return timings;
}

globalThis.addEventListener('message', ({ data }) => {
  const answer = 'frames' in data ? time(data.frames) : start(data);
  answer.then(
    (value) => globalThis.postMessage({ value }),
    (error) => globalThis.postMessage({ error: String(error.stack ?? error) }),
  );
});
