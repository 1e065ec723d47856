import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { arenaLayout, slotView } from '../../src/arena.js';
import { chooseBackend, initialiseBackend } from '../../src/backend.js';
import { batchNormTraining } from '../../src/gradients/batch-norm.js';
import { convolution } from '../../src/gradients/convolution.js';
import { CONVOLUTIONS, convolutionInputs } from '../support/convolutions.js';
import {
  evaluate,
  expectSame,
  gradientsOf,
  randomValues,
  type TensorFunction,
  type Values,
} from '../support/gradients.js';
import { ensureNative } from '../support/native.js';
import {
  NARROW_CONFIG,
  NARROW_NETWORK,
  randomArena,
  randomBatch,
  runStep,
  type StepOutcome,
} from '../support/training.js';
import { trainerError } from '../support/trainer-error.js';

interface Operation {
  readonly name: string;
  readonly f: TensorFunction;
  readonly inputs: () => Values[];
}

const normalise =
  (activation: 'relu' | 'linear'): TensorFunction =>
  (x, gamma, beta) => {
    const { y, statistics } = batchNormTraining(
      x as tf.Tensor4D,
      gamma as tf.Tensor1D,
      beta as tf.Tensor1D,
      activation,
    );
    tf.dispose([statistics.mean, statistics.variance]);
    return y;
  };

/** Everything that the native back end replaces, and that has a gradient. */
const DIFFERENTIABLE: readonly Operation[] = [
  ...CONVOLUTIONS.map((geometry) => ({
    name: `convolution ${geometry.name}`,
    f: ((x, filter) =>
      convolution(
        x as tf.Tensor4D,
        filter as tf.Tensor4D,
        geometry.stride,
        geometry.padding,
      )) satisfies TensorFunction,
    inputs: () => convolutionInputs(geometry),
  })),
  {
    name: 'convolution of many channels',
    f: (x, filter) => convolution(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 1),
    inputs: () => [randomValues([3, 6, 6, 40], 1), randomValues([3, 3, 40, 24], 2)],
  },
  ...(['relu', 'linear'] as const).map((activation) => ({
    name: `batch normalisation, ${activation}`,
    f: normalise(activation),
    // 150 rows: more than one block of the sums
    inputs: () => [randomValues([3, 10, 5, 6], 5), randomValues([6], 6), randomValues([6], 7)],
  })),
  ...[
    [6, 6],
    [7, 5],
    [1, 1],
  ].map(([height, width]) => ({
    name: `max pooling of ${height}x${width}`,
    f: ((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 1)) satisfies TensorFunction,
    inputs: () => [randomValues([2, height!, width!, 5], 3)],
  })),
];

const fused =
  (activation: 'relu' | 'linear'): TensorFunction =>
  (x, filter, bias) =>
    tf.fused.conv2d({
      x: x as tf.Tensor4D,
      filter: filter as tf.Tensor4D,
      bias: bias,
      strides: 2,
      pad: 1,
      activation,
    });

/** What only inference uses. */
const FORWARD_ONLY: readonly Operation[] = [
  ...(['relu', 'linear'] as const).map((activation) => ({
    name: `fused convolution, ${activation}`,
    f: fused(activation),
    inputs: () => [
      randomValues([2, 7, 6, 3], 1),
      randomValues([3, 3, 3, 5], 2),
      randomValues([5], 3),
    ],
  })),
  {
    name: 'dilated convolution',
    f: (x, filter) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'valid', 'NHWC', [2, 2]),
    inputs: () => [randomValues([1, 8, 8, 2], 1), randomValues([3, 3, 2, 4], 2)],
  },
];

if (ensureNative()) {
  describe('the native back end', () => {
    const values = new Map<string, Values>();
    const gradients = new Map<string, Values[]>();
    const batch = randomBatch(6, 48, 3);
    const arena = randomArena(arenaLayout(NARROW_NETWORK), 4);
    let wasmStep: StepOutcome;

    beforeAll(async () => {
      await initialiseBackend('wasm');
      for (const { name, f, inputs } of [...DIFFERENTIABLE, ...FORWARD_ONLY]) {
        values.set(name, evaluate(f, inputs()));
      }
      for (const { name, f, inputs } of DIFFERENTIABLE) {
        gradients.set(name, gradientsOf(f, inputs()));
      }
      wasmStep = await runStep(NARROW_CONFIG, arena, batch);
      await initialiseBackend('native');
    });

    it('is used where it is asked for', async () => {
      expect(await chooseBackend('native', 3)).toMatchObject({ name: 'native', workers: 3 });
    });

    it.each([...DIFFERENTIABLE, ...FORWARD_ONLY])(
      "gives the wasm back end's values: $name",
      ({ name, f, inputs }) => {
        expectSame([evaluate(f, inputs())], [values.get(name)!], 1e-5);
      },
    );

    it.each(DIFFERENTIABLE)("gives the wasm back end's gradients: $name", ({ name, f, inputs }) => {
      expectSame(gradientsOf(f, inputs()), gradients.get(name)!, 1e-4);
    });

    it("takes the wasm back end's training step within 1e-4", async () => {
      const { result, written } = await runStep(NARROW_CONFIG, arena, batch);
      expect(result.loss).toBeCloseTo(wasmStep.result.loss, 4);
      const bySlot = (all: Float32Array): Values[] =>
        arenaLayout(NARROW_NETWORK).slots.map((slot) => ({
          shape: slot.shape,
          data: slotView(all, slot),
        }));
      expectSame(bySlot(written), bySlot(wasmStep.written), 1e-4);
    });

    it('lets NaN through batch normalisation with ReLU', () => {
      const [x, gamma, beta] = [randomValues([2, 2, 2, 3], 1), [1, 1, 1], [0, 0, 0]];
      x.data[4] = Number.NaN; // channel 1
      const ones = { shape: [3], data: Float32Array.from(gamma) };
      const zeros = { shape: [3], data: Float32Array.from(beta) };
      const y = evaluate(normalise('relu'), [x, ones, zeros]);
      const isBad = Array.from(y.data, (value) => Number.isNaN(value));
      expect(isBad).toEqual(Array.from(y.data, (_, i) => i % 3 === 1));
    });

    it('shares the memory of a clone until both are gone', () => {
      const before = tf.memory();
      const x = tf.tensor1d([1, 2, 3]);
      const clone = tf.clone(x);
      x.dispose();
      expect([...clone.dataSync()]).toEqual([1, 2, 3]);
      clone.dispose();
      expect(tf.memory()).toMatchObject({
        numTensors: before.numTensors,
        numDataBuffers: before.numDataBuffers,
      });
    });

    it('refuses arrays that do not fit the geometry', () => {
      const kernel = tf.getKernel('Conv2DBackpropFilter', 'wasm');
      const x = tf.zeros([1, 4, 4, 2]);
      const dy = tf.zeros([1, 3, 3, 5]); // 4x4x5 is what a 3x3 convolution with padding 1 gives
      const attrs = { strides: 1, pad: 1, filterShape: [3, 3, 2, 5] };
      expect(() => kernel.kernelFunc({ inputs: { x, dy }, attrs, backend: tf.backend() })).toThrow(
        'the arrays do not fit the geometry',
      );
    });
  });
} else {
  describe('the native back end where it cannot be built', () => {
    it('is refused with what to install', async () => {
      const error = await trainerError(chooseBackend('native'));
      expect(error.code).toBe('backend-unavailable');
      expect(error.message).toContain('npm run build:native');
    });
  });
}
