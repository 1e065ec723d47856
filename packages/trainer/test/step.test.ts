import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { arenaLayout, slotView, type Slot } from '../src/arena.js';
import { initialiseBackend } from '../src/backend.js';
import type { TrainingConfig } from '../src/config.js';
import { createRng } from '../src/rng.js';
import { expectSame, type Values } from './support/gradients.js';
import { NARROW_CONFIG, randomArena, randomBatch, runStep } from './support/training.js';

const bySlot = (config: TrainingConfig, values: Float32Array): Values[] =>
  arenaLayout(config.network).slots.map((slot) => ({
    shape: slot.shape,
    data: slotView(values, slot),
  }));

/**
 * Relative difference between a slot's gradient and central differences along one random direction
 * of the slot.
 */
async function directionalError(
  config: TrainingConfig,
  slot: Slot,
  arena: Float32Array,
  gradient: Float32Array,
  seed: number,
): Promise<number> {
  const batch = randomBatch(4, 32, 7);
  const rng = createRng(seed);
  const own = slotView(gradient, slot);
  const length = Math.hypot(...own);
  // Along the gradient, with noise: the change of the loss stands out of its rounding.
  const direction = own.map((value) => value / length + rng.normal() / Math.sqrt(own.length) / 4);
  const lossAt = async (step: number): Promise<number> => {
    const moved = arena.slice();
    const view = slotView(moved, slot);
    for (let i = 0; i < view.length; i++) view[i] = view[i]! + step * direction[i]!;
    return (await runStep(config, moved, batch)).result.loss;
  };
  const step = 0.001; // few values cross a kink of ReLU on the way
  const measured = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
  const predicted = own.reduce((sum, value, i) => sum + value * direction[i]!, 0);
  return Math.abs(measured - predicted) / Math.abs(predicted);
}

describe('a training step', () => {
  const layout = arenaLayout(NARROW_CONFIG.network);

  describe('on wasm', () => {
    beforeAll(() => initialiseBackend('wasm'));

    it.each([
      'stem.weight',
      'stem.gamma',
      'stem.beta',
      'stage1.block2.conv1.weight',
      'stage2.block1.shortcut.weight',
      'stage3.block1.eca.weight',
      'stage4.block2.conv2.weight',
      'stage4.block2.conv2.gamma',
      'fdn.weight',
      'fdn.bias',
      'frn.intra.weight',
      'frn.intra.bias',
      'frn.inter.weight',
      'frn.inter.bias',
      'epn.weight',
      'epn.bias',
      'loss.latent-centres',
      'loss.class-centres',
    ])('has the gradient of finite differences at %s', async (name) => {
      const slot = layout.slots.find((each) => each.name === name)!;
      const arena = randomArena(layout, 2);
      const { written } = await runStep(NARROW_CONFIG, arena, randomBatch(4, 32, 7));
      expect(await directionalError(NARROW_CONFIG, slot, arena, written, 5)).toBeLessThan(0.05);
    });

    it('adds up its terms with their factors', async () => {
      const { result } = await runStep(
        NARROW_CONFIG,
        randomArena(layout, 2),
        randomBatch(4, 32, 7),
      );
      const { compactness, distribution } = NARROW_CONFIG.losses;
      expect(result.compactness).toBeGreaterThan(0);
      expect(result.distribution).toBeGreaterThan(0);
      expect(result.loss).toBeCloseTo(
        result.classification +
          compactness * result.compactness +
          distribution * result.distribution,
        4,
      );
      expect(result.count).toBe(4);
    });

    it('spreads label smoothing evenly over all classes', async () => {
      // Cross entropy is linear in the target: the loss at 0.1 is 9/10 of that at 0 and 1/10 of
      // that at 1, where the labels do not count any more.
      const at = async (labelSmoothing: number): Promise<number> => {
        const losses = { ...NARROW_CONFIG.losses, labelSmoothing };
        const config = { ...NARROW_CONFIG, losses };
        return (await runStep(config, randomArena(layout, 2), randomBatch(4, 32, 7))).result
          .classification;
      };
      const [none, some, all] = [await at(0), await at(0.1), await at(1)];
      expect(Math.abs(none - all)).toBeGreaterThan(0.01);
      expect(some).toBeCloseTo(0.9 * none + 0.1 * all, 4);
    });

    it('learns from labels and teacher by their shares', async () => {
      const batch = randomBatch(4, 32, 7);
      const teacherLogits = Float32Array.from({ length: 4 * 7 }, (_, i) => Math.sin(i));
      const distillation = { ...NARROW_CONFIG.distillation, temperature: 3, weight: 0.25 };
      const config = { ...NARROW_CONFIG, distillation };
      const { compactness, distribution } = config.losses;
      const arena = randomArena(layout, 2);
      const { result } = await runStep(config, arena, { ...batch, teacherLogits });
      expect(result.distillation).toBeGreaterThan(9 * 0.9 * Math.log(7)); // T^2, softened
      expect(result.loss).toBeCloseTo(
        0.75 * result.classification +
          0.25 * result.distillation +
          compactness * result.compactness +
          distribution * result.distribution,
        4,
      );
      const alone = await runStep(config, arena, batch);
      expect(alone.result.distillation).toBe(0);
      expect(alone.result.classification).toBeCloseTo(result.classification, 6);
    });

    it('counts the images whose largest logit is at the largest share of the target', async () => {
      // The predictor's bias decides: every image is taken for class 3.
      const arena = randomArena(layout, 2);
      const slot = (name: string): Float32Array =>
        slotView(
          arena,
          layout.slots.find((each) => each.name === name)!,
        );
      slot('epn.weight').fill(0);
      slot('epn.bias').fill(0)[3] = 1;
      const batch = randomBatch(4, 32, 7);
      batch.targets.fill(0);
      [3, 1, 3, 6].forEach((label, row) => (batch.targets[row * 7 + label] = 1));
      expect((await runStep(NARROW_CONFIG, arena, batch)).result.correct).toBe(2);
    });

    it("writes the batch's mean and unbiased variance of every layer", async () => {
      // A stem of one tap: its output is every second pixel of the red channel, four images of
      // 16 x 16 values.
      const arena = randomArena(layout, 2);
      const slot = (name: string): Slot => layout.slots.find((each) => each.name === name)!;
      const kernel = slotView(arena, slot('stem.weight')); // [7,7,3,4]
      kernel.fill(0)[(3 * 7 + 3) * 3 * 4] = 1;
      const batch = randomBatch(4, 32, 7);
      const { written } = await runStep(NARROW_CONFIG, arena, batch);
      const seen: number[] = [];
      for (let i = 0; i < batch.images.length; i += 3) {
        const pixel = i / 3;
        const [row, column] = [Math.floor(pixel / 32) % 32, pixel % 32];
        if (row % 2 === 0 && column % 2 === 0) seen.push(batch.images[i]!);
      }
      const mean = seen.reduce((a, b) => a + b) / seen.length;
      const variance = seen.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (seen.length - 1);
      expect(slotView(written, slot('stem.mean'))[0]).toBeCloseTo(mean, 5);
      expect(slotView(written, slot('stem.variance'))[0]).toBeCloseTo(variance, 5);
    });

    it.each(['fdrl', 'linear'] as const)('keeps no tensor, with head %s', async (head) => {
      const config = { ...NARROW_CONFIG, network: { ...NARROW_CONFIG.network, head } };
      const arena = randomArena(arenaLayout(config.network), 2);
      const { numTensors, numDataBuffers } = tf.memory();
      const { result } = await runStep(config, arena, randomBatch(4, 32, 7));
      expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
      expect(result.compactness > 0).toBe(head === 'fdrl');
    });
  });

  it.each([
    ['eca', 'fdrl', 'dot'],
    ['eca', 'fdrl', 'cosine'],
    ['eca', 'fdrl', 'euclidean'],
    ['none', 'fdrl', 'dot'],
    ['eca', 'linear', 'dot'],
  ] as const)(
    'is the same on cpu and wasm within 1e-4: attention %s, head %s, similarity %s',
    async (attention, head, similarity) => {
      const network = { ...NARROW_CONFIG.network, attention, head, similarity };
      const config = { ...NARROW_CONFIG, network };
      const arena = randomArena(arenaLayout(network), 2);
      const batch = randomBatch(4, 48, 7);
      await initialiseBackend('cpu');
      const cpu = await runStep(config, arena, batch);
      await initialiseBackend('wasm');
      const wasm = await runStep(config, arena, batch);
      expect(wasm.result.loss).toBeCloseTo(cpu.result.loss, 4);
      expect(wasm.result.correct).toBe(cpu.result.correct);
      expectSame(bySlot(config, wasm.written), bySlot(config, cpu.written), 1e-4);
    },
  );
});
