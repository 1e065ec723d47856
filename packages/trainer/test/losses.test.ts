import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialiseBackend } from '../src/backend.js';
import {
  binaryCrossEntropy,
  compactnessLoss,
  crossEntropy,
  distillationLoss,
  distributionLoss,
} from '../src/losses.js';
import {
  expectSame,
  finiteDifferences,
  gradientsOf,
  randomValues,
  type TensorFunction,
  type Values,
} from './support/gradients.js';

/** Rows of a distribution over three classes. */
const TARGETS: Values = {
  shape: [2, 3],
  data: Float32Array.from([0, 1, 0, 0.5, 0.25, 0.25]),
};

const targets = (): tf.Tensor2D => tf.tensor2d(TARGETS.data, [2, 3]);

describe.each(['cpu', 'wasm'] as const)('the losses on %s', (backend) => {
  beforeAll(() => initialiseBackend(backend));

  it('cross entropy is the mean of -log softmax under the target', () => {
    // Row 1: softmax of (ln 2, ln 5, ln 3) is (0.2, 0.5, 0.3): -ln 0.5.
    // Row 2: even logits: -ln(1/3), whatever the target.
    const logits = tf.tensor2d([Math.log(2), Math.log(5), Math.log(3), 7, 7, 7], [2, 3]);
    const loss = crossEntropy(logits, targets()).dataSync()[0];
    expect(loss).toBeCloseTo((Math.log(2) + Math.log(3)) / 2, 6);
  });

  it('cross entropy survives large logits', () => {
    const logits = tf.tensor2d([1000, 900, 0, -1000, -1000, -1000], [2, 3]);
    const loss = crossEntropy(logits, targets()).dataSync()[0]; // row 1: 1000 - 900
    expect(loss).toBeCloseTo((100 + Math.log(3)) / 2, 4);
  });

  it('binary cross entropy is the mean of -log of the share that the target has', () => {
    // sigmoid(ln 3) = 3/4: -ln(3/4) with the attribute, -ln(1/4) without; half way, both half.
    const logits = tf.tensor2d([Math.log(3), Math.log(3), Math.log(3), 0], [2, 2]);
    const attributes = tf.tensor2d([1, 0, 0.5, 1], [2, 2]);
    const expected = [3 / 4, 1 / 4, Math.sqrt(3 / 16), 1 / 2].map((share) => -Math.log(share));
    const loss = binaryCrossEntropy(logits, attributes).dataSync()[0];
    expect(loss).toBeCloseTo(expected.reduce((a, b) => a + b) / 4, 6);
  });

  it('binary cross entropy survives large logits', () => {
    const logits = tf.tensor2d([1000, -1000, 1000, -1000], [2, 2]);
    const attributes = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    expect(binaryCrossEntropy(logits, attributes).dataSync()[0]).toBeCloseTo(500, 3);
  });

  it('the gradient of binary cross entropy is that of finite differences', () => {
    const f: TensorFunction = (x) =>
      binaryCrossEntropy(x as tf.Tensor2D, tf.tensor2d([1, 0, 0.3, 1, 1, 0], [2, 3]));
    const logits = [randomValues([2, 3], 3)];
    expectSame(gradientsOf(f, logits), finiteDifferences(f, logits, 1e-2), 1e-3);
  });

  it('distillation is the cross entropy of both softened, times the square of the temperature', () => {
    // Logits (2, 0) at T = 2 are (1, 0): -log softmax is ln(1 + 1/e), and 1 more.
    const taught = tf.tensor2d([0.75, 0.25], [1, 2]);
    const loss = distillationLoss(tf.tensor2d([2, 0], [1, 2]), taught, 2).dataSync()[0];
    expect(loss).toBeCloseTo(4 * (Math.log(1 + 1 / Math.E) + 0.25), 5);
  });

  it('the gradient of distillation is that of finite differences, and 0 at the teacher', () => {
    const f: TensorFunction = (x) => distillationLoss(x as tf.Tensor2D, targets(), 3);
    const logits = [randomValues([2, 3], 3)];
    expectSame(gradientsOf(f, logits), finiteDifferences(f, logits, 1e-2), 1e-3);
    const teacher = tf.tensor2d([1, -2, 0.5], [1, 3]);
    const taught = tf.softmax(tf.div<tf.Tensor2D>(teacher, 3));
    const gradient = tf.grad((x) => distillationLoss(x as tf.Tensor2D, taught, 3))(teacher);
    for (const value of gradient.dataSync()) expect(Math.abs(value)).toBeLessThan(1e-6);
  });

  it('the gradient of cross entropy is (softmax - target) / N', () => {
    const logits = {
      shape: [2, 3],
      data: Float32Array.from([Math.log(2), Math.log(5), Math.log(3), 7, 7, 7]),
    };
    const gradient = tf.tidy(() =>
      tf.grad((x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, targets()))(
        tf.tensor(logits.data, logits.shape),
      ),
    );
    const third = 1 / 3;
    const expected = [0.2, -0.5, 0.3, third - 0.5, third - 0.25, third - 0.25].map((v) => v / 2);
    expectSame(
      [{ shape: gradient.shape, data: gradient.dataSync<'float32'>() }],
      [{ shape: [2, 3], data: Float32Array.from(expected) }],
      1e-5,
    );
  });

  it('L_C sums the squared distances to the centres and divides by the images', () => {
    // N = 2, M = 2, D = 2, centres (1, 0) and (0, 2). Image 1: (1,1) and (0,2): 1 + 0.
    // Image 2: (3,0) and (-1,0): 4 + (1 + 4). (1 + 9) / 2 = 5.
    const latents = tf.tensor3d([1, 1, 0, 2, 3, 0, -1, 0], [2, 2, 2]);
    const centres = tf.tensor2d([1, 0, 0, 2], [2, 2]);
    expect(compactnessLoss(latents, centres).dataSync()[0]).toBeCloseTo(5, 6);
  });

  it("L_D is the squared distance to the class's centre, or to the mean of centres", () => {
    // Centres of three classes in R^2: (0,0), (1,0), (0,4). Image 1 is of class 2: target (1,0);
    // image 2 has 1/2, 1/4, 1/4: (0.25, 1).
    // (0.5,0.5): 0.25 + 0.25 = 0.5; (0.25,0.5): 0.25. (0.5 + 0.25) / 2 = 0.375.
    const alphas = tf.tensor2d([0.5, 0.5, 0.25, 0.5], [2, 2]);
    const centres = tf.tensor2d([0, 0, 1, 0, 0, 4], [3, 2]);
    expect(distributionLoss(alphas, centres, targets()).dataSync()[0]).toBeCloseTo(0.375, 6);
  });

  it.each([
    [
      'cross entropy',
      (x) => crossEntropy(x as tf.Tensor2D, targets()),
      () => [randomValues([2, 3], 1)],
    ],
    [
      'L_C',
      (l, c) => compactnessLoss(l as tf.Tensor3D, c as tf.Tensor2D),
      () => [randomValues([2, 3, 4], 1), randomValues([3, 4], 2)],
    ],
    [
      'L_D',
      (a, c) => distributionLoss(a as tf.Tensor2D, c as tf.Tensor2D, targets()),
      () => [randomValues([2, 4], 1), randomValues([3, 4], 2)],
    ],
  ] satisfies [string, TensorFunction, () => Values[]][])(
    '%s has the gradient of finite differences, centres included',
    (_, f, inputs) => {
      expectSame(gradientsOf(f, inputs()), finiteDifferences(f, inputs(), 0.02), 1e-3);
    },
  );
});
