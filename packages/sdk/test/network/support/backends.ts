import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** The back ends that run in Node; WebGPU is compared with them in the browser tests. */
export const BACKENDS = ['cpu', 'wasm'] as const;
export type Backend = (typeof BACKENDS)[number];

const wasmEntry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
setWasmPaths(dirname(wasmEntry) + sep);

/** Computes with this back end from now on. */
export async function useBackend(name: Backend): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`The back end ${name} did not start.`);
  await tf.ready();
}
