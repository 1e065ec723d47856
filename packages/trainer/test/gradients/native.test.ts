import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { arenaLayout, slotView } from '../../src/arena.js';
import { chooseBackend, initialiseBackend } from '../../src/backend.js';
import { resolveConfig, type TrainingConfig } from '../../src/config.js';
import { loadNative } from '../../src/native.js';
import { adamUpdate, type OptimizerState } from '../../src/optimizer.js';
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

const product =
  (transposeA: boolean, transposeB: boolean): TensorFunction =>
  (a, b) =>
    tf.matMul(a, b, transposeA, transposeB);

/** What the head's gradient goes through. */
const PRODUCTS: readonly Operation[] = [
  {
    name: 'product of matrices',
    f: product(false, false),
    inputs: () => [randomValues([5, 7], 1), randomValues([7, 3], 2)],
  },
  {
    name: 'product of transposed matrices',
    f: product(true, true),
    inputs: () => [randomValues([7, 5], 1), randomValues([3, 7], 2)],
  },
  {
    name: 'products of a batch',
    f: product(false, true),
    inputs: () => [randomValues([4, 5, 7], 1), randomValues([4, 3, 7], 2)],
  },
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
  ...CONVOLUTIONS.map((geometry) => ({
    name: `convolution ${geometry.name}`,
    f: ((x, filter) =>
      tf.conv2d(
        x as tf.Tensor4D,
        filter as tf.Tensor4D,
        geometry.stride,
        geometry.padding,
      )) satisfies TensorFunction,
    inputs: () => convolutionInputs(geometry),
  })),
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
  {
    name: 'product with one matrix for the whole batch',
    f: product(false, false),
    inputs: () => [randomValues([4, 5, 7], 1), randomValues([1, 7, 3], 2)],
  },
];

/** A training step whose outcome is compared: network and input. */
interface StepCase {
  readonly name: string;
  readonly network: Partial<TrainingConfig['network']>;
  readonly count: number;
  readonly imageSize: number;
}

const STEPS: readonly StepCase[] = [
  { name: 'the narrow network', network: {}, count: 6, imageSize: 48 },
  // 80 px: maps of 40, 20, 10, 5 and 3 pixels, so windows reach over one edge, both or none
  { name: 'odd maps', network: {}, count: 3, imageSize: 80 },
  { name: 'one image', network: {}, count: 1, imageSize: 64 },
  { name: 'no attention', network: { attention: 'none' }, count: 4, imageSize: 48 },
  { name: 'a linear head', network: { head: 'linear' }, count: 4, imageSize: 48 },
  // channels that fill vectors, and kernels of two sizes in the attention
  { name: 'a wider network', network: { width: 32, blocks: [1, 2] }, count: 5, imageSize: 48 },
];

const configOf = ({ network }: StepCase): TrainingConfig => ({
  ...NARROW_CONFIG,
  network: { ...NARROW_NETWORK, ...network },
});

const stepOf = (one: StepCase, precision: TrainingConfig['precision']): Promise<StepOutcome> =>
  runStep(
    { ...configOf(one), precision },
    randomArena(arenaLayout(configOf(one).network), 4),
    randomBatch(one.count, one.imageSize, 3),
  );

const bySlot = (one: StepCase, all: Float32Array): Values[] =>
  arenaLayout(configOf(one).network).slots.map((slot) => ({
    shape: slot.shape,
    data: slotView(all, slot),
  }));

/** Cosine of the angle between two gradients. */
function alignment(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

if (ensureNative()) {
  describe('the native back end', () => {
    const values = new Map<string, Values>();
    const gradients = new Map<string, Values[]>();
    const steps = new Map<string, StepOutcome>();

    beforeAll(async () => {
      await initialiseBackend('wasm');
      for (const { name, f, inputs } of [...PRODUCTS, ...FORWARD_ONLY]) {
        values.set(name, evaluate(f, inputs()));
      }
      for (const { name, f, inputs } of PRODUCTS) gradients.set(name, gradientsOf(f, inputs()));
      for (const one of STEPS) steps.set(one.name, await stepOf(one, 'float32'));
      await initialiseBackend('native');
    });

    it('is used where it is asked for', async () => {
      expect(await chooseBackend('native', 3)).toMatchObject({ name: 'native', workers: 3 });
    });

    it.each([...PRODUCTS, ...FORWARD_ONLY])(
      "gives the wasm back end's values: $name",
      ({ name, f, inputs }) => {
        expectSame([evaluate(f, inputs())], [values.get(name)!], 1e-5);
      },
    );

    it.each(PRODUCTS)("gives the wasm back end's gradients: $name", ({ name, f, inputs }) => {
      expectSame(gradientsOf(f, inputs()), gradients.get(name)!, 1e-5);
    });

    it.each(STEPS)("takes the wasm back end's training step within 2e-4: $name", async (one) => {
      const { result, written } = await stepOf(one, 'float32');
      const truth = steps.get(one.name)!;
      expect(result.loss).toBeCloseTo(truth.result.loss, 4);
      expectSame(bySlot(one, written), bySlot(one, truth.written), 2e-4);
    });

    it('takes the same step again, and after a step of another size', async () => {
      const [one, other] = [STEPS[0]!, STEPS[1]!];
      const first = await stepOf(one, 'float32');
      const second = await stepOf(one, 'float32');
      await stepOf(other, 'float32');
      const third = await stepOf(one, 'float32');
      expect(second).toEqual(first);
      expect(third).toEqual(first);
    });

    it('takes a step in bfloat16 in the direction of that in float32', async () => {
      const one = { ...STEPS[0]!, count: 32, network: { width: 16 } };
      const [exact, rough] = [await stepOf(one, 'float32'), await stepOf(one, 'bfloat16')];
      expect(rough.result.loss).toBeCloseTo(exact.result.loss, 1);
      expect(rough.result.loss).not.toBe(exact.result.loss);
      expect(alignment(rough.written, exact.written)).toBeGreaterThan(0.99);
    });

    it('refuses bfloat16 on another back end', async () => {
      await initialiseBackend('cpu');
      const error = await trainerError(stepOf(STEPS[0]!, 'bfloat16'));
      await initialiseBackend('native');
      expect(error.code).toBe('backend-unavailable');
      expect(error.message).toContain('--backend native');
    });

    it('shows a diverged training: one value that is no number ends in the loss', async () => {
      const one = STEPS[0]!;
      const batch = randomBatch(one.count, one.imageSize, 3);
      batch.images[5] = Number.NaN;
      for (const precision of ['float32', 'bfloat16'] as const) {
        const config = { ...configOf(one), precision };
        const arena = randomArena(arenaLayout(config.network), 4);
        expect((await runStep(config, arena, batch)).result.loss).toBeNaN();
      }
    });

    it("updates parameters as the trainer's own optimiser does", async () => {
      const state = (): OptimizerState => ({
        ...{ parameters: randomValues([37], 1).data, average: randomValues([37], 2).data },
        ...{ moment1: randomValues([37], 3).data, decay: randomValues([37], 4).data },
        moment2: randomValues([37], 5).data.map(Math.abs),
        gradients: [6, 7, 8].map((seed) => randomValues([37], seed).data),
      });
      const options = { step: 3, learningRate: 0.01, averageDecay: 0.9, from: 2, to: 36 };
      for (const workers of [1, 2, 3]) {
        const ours = { ...state(), gradients: state().gradients.slice(0, workers) };
        const theirs = { ...state(), gradients: state().gradients.slice(0, workers) };
        await initialiseBackend('cpu');
        adamUpdate(ours, resolveConfig({}).optimizer, options);
        await initialiseBackend('native');
        adamUpdate(theirs, resolveConfig({}).optimizer, options);
        for (const key of ['parameters', 'average', 'moment1', 'moment2'] as const) {
          const as = (all: OptimizerState): Values[] => [{ shape: [37], data: all[key]! }];
          expectSame(as(theirs), as(ours), 1e-6);
        }
      }
    });

    it('refuses arrays that do not fit', () => {
      const native = loadNative()!;
      const floats = (length: number): Float32Array => new Float32Array(length);
      const x = tf.zeros([1, 4, 4, 2]);
      const kernel = tf.getKernel('Conv2D', 'wasm');
      const inputs = { x, filter: tf.zeros([3, 3, 2, 5]) };
      const geometry = Int32Array.of(1, 4, 4, 2, 4, 4, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
      const y = kernel.kernelFunc({ inputs, attrs: { strides: 1, pad: 1 }, backend: tf.backend() });
      expect((y as tf.TensorInfo).shape).toEqual([1, 4, 4, 5]);
      expect(() => {
        native.convolve(geometry, floats(32), floats(90), floats(79));
      }).toThrow('the arrays do not fit the geometry');
      expect(() => {
        native.matMul(floats(6), floats(6), floats(3), Int32Array.of(1, 1, 2, 2, 3, 0, 0));
      }).toThrow('the arrays do not fit');
      expect(() => {
        native.adam(new Float64Array(7), floats(2), floats(2), floats(2), floats(1), floats(0));
      }).toThrow('the arrays do not fit');
      expect(() => {
        native.backboneForward(Int32Array.of(1), 0, floats(1), floats(1), floats(1), floats(1));
      }).toThrow('wrong arguments');
      expect(() => {
        native.backboneBackward(floats(1), floats(1), floats(1));
      }).toThrow('the arrays do not fit the forward pass');
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
