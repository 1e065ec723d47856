/** The page of bench/parity: the model, the pictures and the wasm files lie beside it. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { parseManifest } from '../../packages/sdk/dist/network/index.js';
import { STORAGES, wasmLogits, webgpuLogits } from './parity-logits.mjs';

/** @param {string} file */
const fetchBytes = async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer());

globalThis.computeLogits = async () => {
  setWasmPaths(new URL('./', globalThis.location.href).href);
  const manifest = parseManifest(await (await fetch('manifest.json')).json());
  const model = { manifest, bytes: await fetchBytes('weights.bin') };
  const all = await fetchBytes('pictures.bin');
  const length = manifest.network.inputSize ** 2 * 3;
  const pictures = Array.from({ length: all.length / length }, (_, i) =>
    all.subarray(i * length, (i + 1) * length),
  );
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const logits = { wasm: await wasmLogits(model, pictures) };
  for (const storage of Object.keys(STORAGES)) {
    const tell = (done) => console.log(`  Chromium, ${storage}: ${done}`);
    logits[storage] = await webgpuLogits(device, model, storage, pictures, tell);
  }
  const { vendor, architecture, description } = adapter.info;
  return { adapter: [vendor, architecture, description].filter(Boolean).join(' '), logits };
};
