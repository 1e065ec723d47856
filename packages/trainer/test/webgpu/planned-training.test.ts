import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arenaLayout, decayMask, slotView, type ArenaLayout, type Slot } from '../../src/arena.js';
import { initialiseBackend } from '../../src/backend.js';
import { resolveConfig, type TrainingConfig } from '../../src/config.js';
import { adamUpdate } from '../../src/optimizer.js';
import { softmaxRows } from '../../src/probabilities.js';
import { createRng } from '../../src/rng.js';
import { STATISTICS_MOMENTUM, trainingStep, type StepResult } from '../../src/step.js';
import { outputsOf } from '../../src/task.js';
import type { PlannedBatch, PlannedTraining } from '../../src/webgpu/planned-training.js';
import { expectSame, type Values } from '../support/gradients.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import {
  batchOf,
  IMAGES,
  PLANNED_CONFIG,
  randomPictures,
  rendered,
  SIZE,
  startTraining,
} from './support/training.js';

const NO_CHANGE = { step: 1, learningRate: 0, averageDecay: 0 };

const bySlot = ({ slots }: ArenaLayout, values: Float32Array): Values[] =>
  slots
    .filter(({ offset }) => offset < values.length)
    .map((slot) => ({ shape: slot.shape, data: slotView(values, slot) }));

/** The same step on the wasm back end. */
async function reference(
  config: TrainingConfig,
  arena: Float32Array,
  { pictures, targets }: PlannedBatch,
  teacherLogits?: Float32Array,
): Promise<{ result: StepResult; written: Float32Array }> {
  const layout = arenaLayout(config.network, outputsOf(config));
  const written = new Float32Array(layout.total);
  const images = rendered(pictures, SIZE);
  const batch = {
    ...{ images, targets, count: IMAGES, imageSize: SIZE },
    ...(teacherLogits && { teacherLogits }),
  };
  const result = await trainingStep(batch, arena, layout, config, written, written);
  return { result, written };
}

function expectClose(actual: StepResult | undefined, expected: StepResult): void {
  for (const [term, value] of Object.entries(expected) as [keyof StepResult, number][]) {
    expect(actual?.[term], term).toBeCloseTo(value, 4);
  }
}

/** A step's losses, gradients and statistics are those of another back end. Frees the training. */
async function expectStepAs(
  expected: Awaited<ReturnType<typeof reference>>,
  training: PlannedTraining,
  layout: ArenaLayout,
  batch: PlannedBatch,
): Promise<void> {
  await training.step(batch, NO_CHANGE);
  const gradients = new Float32Array(layout.total);
  await training.readGradients(gradients);
  const [result] = await training.settle();
  expectClose(result, expected.result);
  expectSame(bySlot(layout, gradients), bySlot(layout, expected.written), 1e-4);
  training.free();
}

describe('training on the graphics card', SLOW_COMPILER, () => {
  let device: GPUDevice;

  beforeAll(async () => {
    await initialiseBackend('wasm');
    device = await openDevice();
  });

  afterAll(() => {
    device.destroy();
  });

  it.each<readonly [string, Record<string, unknown>]>([
    ['the whole network', {}],
    ['without attention and FDRL', { network: { attention: 'none', head: 'linear' } }],
    ['similarity by cosine', { network: { similarity: 'cosine' } }],
    ['similarity by distance', { network: { similarity: 'euclidean' } }],
    ['attributes', { network: { head: 'linear' }, stages: [{ dataset: 'celeba' }] }],
  ])('gives the losses, gradients and statistics of wasm: %s', async (_, overrides) => {
    const { network, ...others } = overrides;
    const config = resolveConfig({
      ...others,
      losses: PLANNED_CONFIG.losses,
      network: { ...PLANNED_CONFIG.network, ...(network as object) },
    });
    const { training, layout, shared } = startTraining(device, config);
    const batch = batchOf(randomPictures(3), outputsOf(config));
    const expected = await reference(config, shared.arena, batch);
    await expectStepAs(expected, training, layout, batch);
  });

  it('learns from a teacher as wasm does', async () => {
    const config = resolveConfig({
      ...{ network: PLANNED_CONFIG.network, losses: PLANNED_CONFIG.losses },
      distillation: { temperature: 3, weight: 0.25 },
    });
    const { training, layout, shared } = startTraining(device, config);
    const batch = batchOf(randomPictures(3), 7);
    const logits = Float32Array.from({ length: IMAGES * 7 }, (_, i) => Math.sin(i));
    const expected = await reference(config, shared.arena, batch, logits);
    const taught = Float32Array.from(softmaxRows(logits, 7, 3));
    await expectStepAs(expected, training, layout, { ...batch, taught });
  });

  it('changes weights, moments, statistics and their average as Adam on the cpu does', async () => {
    const averaging = { decay: 0.9, startEpoch: 0 };
    const config = { ...PLANNED_CONFIG, averaging };
    const { training, layout, shared } = startTraining(device, config);
    const batch = batchOf(randomPictures(3), 7);
    const state = {
      parameters: shared.arena.slice(),
      moment1: new Float32Array(layout.trainable),
      moment2: new Float32Array(layout.trainable),
      average: shared.average!.slice(),
      decay: new Float32Array(layout.trainable),
    };
    decayMask(layout, config.losses.weightDecay, state.decay);
    for (const step of [1, 2, 3]) {
      const numbers = { step, learningRate: 0.01 / step, averageDecay: 0.3 * step };
      const gradient = new Float32Array(layout.total);
      await training.step(batch, numbers);
      await training.readGradients(gradient); // its own: Adam magnifies what differs in small ones
      const range = { from: 0, to: layout.trainable };
      adamUpdate({ ...state, gradients: [gradient] }, config.optimizer, { ...numbers, ...range });
      for (let i = layout.trainable; i < layout.total; i++) {
        const value = state.parameters[i]!;
        state.parameters[i] = value + STATISTICS_MOMENTUM * (gradient[i]! - value);
        const average = state.average[i]!;
        state.average[i] =
          state.parameters[i]! + numbers.averageDecay * (average - state.parameters[i]!);
      }
    }
    await training.settle();
    for (const [actual, expected] of [
      [shared.arena, state.parameters],
      [shared.moment1, state.moment1],
      [shared.moment2, state.moment2],
      [shared.average!, state.average],
    ] as const) {
      expectSame(bySlot(layout, actual), bySlot(layout, expected), 1e-5);
    }
    training.free();
  });

  it('has the gradient of finite differences at every kind of parameter', async () => {
    const { training, layout, shared } = startTraining(device, PLANNED_CONFIG);
    const batch = batchOf(randomPictures(3), 7);
    await training.step(batch, NO_CHANGE);
    const gradient = new Float32Array(layout.total);
    await training.readGradients(gradient);
    await training.settle();
    const start = shared.arena.slice();
    const lossAt = async (slot: Slot, direction: Float32Array, step: number): Promise<number> => {
      shared.arena.set(start);
      const view = slotView(shared.arena, slot);
      for (let i = 0; i < view.length; i++) view[i] = view[i]! + step * direction[i]!;
      await training.step(batch, NO_CHANGE);
      return (await training.settle())[0]!.loss;
    };
    const rng = createRng(5);
    for (const name of [
      ...['stem.weight', 'stage1.block1.conv2.beta', 'stage2.block1.conv1.weight'],
      ...['stage2.block1.shortcut.weight', 'stage2.block1.eca.weight', 'fdn.weight'],
      ...['frn.intra.weight', 'frn.inter.bias', 'loss.latent-centres', 'loss.class-centres'],
    ]) {
      const slot = layout.slots.find((each) => each.name === name)!;
      const own = slotView(gradient, slot);
      const length = Math.hypot(...own);
      const direction = own.map((v) => v / length + rng.normal() / Math.sqrt(own.length) / 4);
      const step = 0.001; // few values cross a kink of ReLU on the way
      const measured =
        ((await lossAt(slot, direction, step)) - (await lossAt(slot, direction, -step))) /
        (2 * step);
      const predicted = own.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(Math.abs(measured / predicted - 1), name).toBeLessThan(0.05);
    }
    training.free();
  });

  it('hands out the results of all steps in their order, most of them later', async () => {
    const { training } = startTraining(device, PLANNED_CONFIG);
    const batch = batchOf(randomPictures(3), 7);
    const handedOut: StepResult[][] = [];
    for (let step = 1; step <= 21; step++) {
      handedOut.push(await training.step(batch, { step, learningRate: 1e-3, averageDecay: 0 }));
    }
    expect(handedOut.map(({ length }) => length).filter((length) => length > 0)).toEqual([10]);
    const losses = [...handedOut.flat(), ...(await training.settle())].map(({ loss }) => loss);
    expect(losses).toHaveLength(21);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a)); // it learns this batch by heart
    expect(await training.settle()).toEqual([]);
    training.free();
  });

  it('gives the same numbers again, and goes on from the shared arrays after a pause', async () => {
    const run = async (pauseAfter: number): Promise<Float32Array> => {
      const { training, shared } = startTraining(device, PLANNED_CONFIG);
      const batch = batchOf(randomPictures(3), 7);
      for (let step = 1; step <= 4; step++) {
        await training.step(batch, { step, learningRate: 1e-2, averageDecay: 0 });
        if (step === pauseAfter) await training.settle();
      }
      await training.settle();
      training.free();
      return shared.arena;
    };
    const whole = await run(0);
    expect(await run(0)).toEqual(whole);
    expect(await run(2)).toEqual(whole);
  });

  it('goes on when images come that are larger than those before', async () => {
    const small = batchOf(randomPictures(3), 7);
    const larger = randomPictures(3).map((picture) => {
      const { width, height, data } = picture.source;
      const twice = Uint8Array.from({ length: 2 * data.length }, (_, i) => data[i % data.length]!);
      return { ...picture, source: { width, height: 2 * height, data: twice } };
    });
    const run = async (batches: readonly PlannedBatch[]): Promise<Float32Array> => {
      const { training, shared } = startTraining(device, PLANNED_CONFIG);
      let results = 0;
      for (const [index, batch] of batches.entries()) {
        const numbers = { step: index + 1, learningRate: 1e-2, averageDecay: 0 };
        results += (await training.step(batch, numbers)).length;
      }
      results += (await training.settle()).length;
      expect(results).toBe(batches.length);
      training.free();
      return shared.arena;
    };
    const large = batchOf(larger, 7);
    const changed = await run([small, large, small]);
    expect(changed).toEqual(await run([small, large, small]));
    expect(changed).not.toEqual(await run([small, small, small]));
  });

  it('applies no step from the first one on whose loss is not finite', async () => {
    const { training, shared, layout } = startTraining(device, PLANNED_CONFIG);
    const batch = batchOf(randomPictures(3), 7);
    slotView(
      shared.arena,
      layout.slots.find(({ name }) => name === 'epn.bias')!,
    )[2] = 3e38;
    slotView(
      shared.arena,
      layout.slots.find(({ name }) => name === 'epn.bias')!,
    )[3] = -3e38;
    const before = shared.arena.slice();
    for (const step of [1, 2]) {
      await training.step(batch, { step, learningRate: 0.1, averageDecay: 0 });
    }
    const results = await training.settle();
    expect(results.map(({ loss }) => Number.isFinite(loss))).toEqual([false, false]);
    expect(shared.arena).toEqual(before);
    training.free();
  });
});
