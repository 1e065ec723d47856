import * as tf from '@tensorflow/tfjs-core';
import { infer, weightSpecs } from 'emotion-cam/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { arenaLayout, slotView } from '../src/arena.js';
import { initialiseBackend } from '../src/backend.js';
import { foldBatchNorm } from '../src/fold.js';
import { createRng } from '../src/rng.js';
import { Evaluator } from '../src/step.js';
import { NARROW_NETWORK, randomArena } from './support/training.js';

const SIZE = 48;

/** A trained network's arena: statistics that differ from channel to channel. */
function trainedArena(): Float32Array {
  const layout = arenaLayout(NARROW_NETWORK);
  const arena = randomArena(layout, 2);
  const rng = createRng(3);
  for (const slot of layout.slots) {
    if (slot.kind !== 'statistic') continue;
    const values = slotView(arena, slot);
    const isMean = slot.name.endsWith('.mean');
    for (let i = 0; i < values.length; i++) {
      values[i] = isMean ? rng.normal() / 4 : rng.uniform(0.3, 2);
    }
  }
  return arena;
}

describe('foldBatchNorm', () => {
  beforeAll(() => initialiseBackend('wasm'));

  it('gives the logits of the network with running statistics', async () => {
    const layout = arenaLayout(NARROW_NETWORK);
    const arena = trainedArena();
    const rng = createRng(4);
    const pixels = Float32Array.from({ length: 2 * SIZE * SIZE * 3 }, () => rng.normal());
    const separate = tf.tidy(() => {
      const weights = layout.slots.map(
        (slot) => [slot.name, tf.tensor(slotView(arena, slot), [...slot.shape])] as const,
      );
      const images = tf.tensor4d(pixels, [2, SIZE, SIZE, 3]);
      return infer(images, Object.fromEntries(weights), NARROW_NETWORK).dataSync().slice();
    });
    const folded = foldBatchNorm(arena, layout, NARROW_NETWORK);
    const evaluator = new Evaluator(folded, NARROW_NETWORK);
    const logits = await evaluator.logits(pixels, 2, SIZE);
    evaluator.dispose();
    expect(Math.max(...separate) - Math.min(...separate)).toBeGreaterThan(0.5);
    logits.forEach((value, i) => expect(value).toBeCloseTo(separate[i]!, 4));
  });

  it('names and shapes its arrays as a model file has them, without the centres', () => {
    const folded = foldBatchNorm(trainedArena(), arenaLayout(NARROW_NETWORK), NARROW_NETWORK);
    const specs = weightSpecs(NARROW_NETWORK, { folded: true });
    expect(folded.map(({ name, shape }) => ({ name, shape }))).toEqual(
      specs.map(({ name, shape }) => ({ name, shape })),
    );
    for (const { data, shape } of folded)
      expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
  });

  it('copies what it does not fold, so that the training goes on without changing it', () => {
    const arena = trainedArena();
    const folded = foldBatchNorm(arena, arenaLayout(NARROW_NETWORK), NARROW_NETWORK);
    const before = folded.map(({ data }) => data.slice());
    arena.fill(7);
    expect(folded.map(({ data }) => data)).toEqual(before);
  });
});
