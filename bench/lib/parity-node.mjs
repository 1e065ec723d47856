/** Child process of bench/parity: logits by Dawn and by wasm in Node, sent to its parent. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { openDawn } from '../../scripts/lib/dawn.mjs';
import { STORAGES, wasmLogits, webgpuLogits } from './parity-logits.mjs';
import { readModel } from './parity-model.mjs';
import { parityInputs } from './parity-inputs.mjs';

const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
setWasmPaths(dirname(wasm) + sep);
const model = readModel();
const pictures = (await parityInputs(model.manifest.network.inputSize)).map(({ pixels }) => pixels);
const adapter = await (await openDawn({ software: true })).requestAdapter();
const device = await adapter.requestDevice();
const logits = { wasm: await wasmLogits(model, pictures) };
for (const storage of Object.keys(STORAGES)) {
  const tell = (done) => void process.stderr.write(`\r  Node, ${storage}: ${done} `);
  logits[storage] = await webgpuLogits(device, model, storage, pictures, tell);
  process.stderr.write('\n');
}
const { vendor, architecture, description } = adapter.info;
process.send({ adapter: [vendor, architecture, description].filter(Boolean).join(' '), logits });
