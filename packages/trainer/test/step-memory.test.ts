import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { arenaLayout } from '../src/arena.js';
import { initialiseBackend, type BackendName } from '../src/backend.js';
import { ensureNative } from './support/native.js';
import { NARROW_CONFIG, randomArena, randomBatch, runStep } from './support/training.js';

const STEPS = 40;
const BACKENDS: readonly BackendName[] = ensureNative() ? ['wasm', 'native'] : ['wasm'];

/** Tensors, and bytes of the wasm heap, which grows and never shrinks. */
function memoryInUse(): { tensors: number; buffers: number; heapBytes: number } {
  const { numTensors, numDataBuffers } = tf.memory();
  const backend = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return {
    tensors: numTensors,
    buffers: numDataBuffers,
    heapBytes: backend.wasm.HEAPU8.byteLength,
  };
}

describe.each(BACKENDS)('training on %s', (backend) => {
  it(`needs no more memory after ${STEPS} further steps`, async () => {
    await initialiseBackend(backend);
    const config = { ...NARROW_CONFIG, network: { ...NARROW_CONFIG.network, blocks: [1, 1] } };
    const arena = randomArena(arenaLayout(config.network), 2);
    const batch = randomBatch(4, 48, 7);
    for (let step = 0; step < 3; step++) await runStep(config, arena, batch);
    const before = memoryInUse();
    for (let step = 0; step < STEPS; step++) await runStep(config, arena, batch);
    expect(memoryInUse()).toEqual(before);
  });
});
