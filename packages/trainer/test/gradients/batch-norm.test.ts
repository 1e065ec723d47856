import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialiseBackend } from '../../src/backend.js';
import { batchNormTraining } from '../../src/gradients/batch-norm.js';
import {
  evaluate,
  expectSame,
  finiteDifferences,
  gradientsOf,
  randomValues,
  type TensorFunction,
  type Values,
} from '../support/gradients.js';

type Activation = 'relu' | 'linear';
const ACTIVATIONS: readonly Activation[] = ['relu', 'linear'];

/** x [2,3,2,3] with a mean far from 0, gamma, beta. */
const inputs = (): Values[] => {
  const x = randomValues([2, 3, 2, 3], 5);
  return [{ ...x, data: x.data.map((v) => 2 * v + 3) }, randomValues([3], 6), randomValues([3], 7)];
};

const ours =
  (activation: Activation): TensorFunction =>
  (x, gamma, beta) => {
    const { y, statistics } = batchNormTraining(
      x as tf.Tensor4D,
      gamma as tf.Tensor1D,
      beta as tf.Tensor1D,
      activation,
    );
    statistics.mean.dispose();
    statistics.variance.dispose();
    return y;
  };

/** What TensorFlow.js differentiates by itself. */
const builtIn =
  (activation: Activation): TensorFunction =>
  (x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const y = tf.batchNorm(x, mean, variance, beta, gamma, 1e-5);
    return activation === 'relu' ? tf.relu(y) : y;
  };

const references = new Map<Activation, { value: Values; gradients: Values[] }>();

beforeAll(async () => {
  await initialiseBackend('cpu');
  for (const activation of ACTIVATIONS) {
    const f = builtIn(activation);
    references.set(activation, {
      value: evaluate(f, inputs()),
      gradients: gradientsOf(f, inputs()),
    });
  }
});

describe.each(['cpu', 'wasm'] as const)('batchNormTraining on %s', (backend) => {
  beforeAll(() => initialiseBackend(backend));

  it.each(ACTIVATIONS)('gives the built-in value and gradients: %s', (activation) => {
    const f = ours(activation);
    const { value, gradients } = references.get(activation)!;
    expectSame([evaluate(f, inputs())], [value], 1e-5);
    expectSame(gradientsOf(f, inputs()), gradients, 1e-5);
  });

  it.each(ACTIVATIONS)('has the gradients of finite differences: %s', (activation) => {
    const f = ours(activation);
    const closest = evaluate(ours('linear'), inputs()).data.reduce(
      (least, value) => Math.min(least, Math.abs(value)),
      Infinity,
    );
    expect(closest).toBeGreaterThan(0.015); // no value crosses the kink of ReLU on the way
    expectSame(gradientsOf(f, inputs()), finiteDifferences(f, inputs(), 0.005), 2e-3);
  });

  it('hands out the mean and the biased variance of every channel', () => {
    // Channel 1: 1, 3, 5, 7: mean 4, variance (9 + 1 + 1 + 9) / 4 = 5. Channel 2: 0, 0, 0, 4:
    // mean 1, variance (1 + 1 + 1 + 9) / 4 = 3.
    const x = tf.tensor4d([1, 0, 3, 0, 5, 0, 7, 4], [2, 2, 1, 2]);
    const one = tf.ones<tf.Rank.R1>([2]);
    const { statistics } = batchNormTraining(x, one, one, 'relu');
    expect([...statistics.mean.dataSync()]).toEqual([4, 1]);
    expect([...statistics.variance.dataSync()]).toEqual([5, 3]);
    expect(statistics.rows).toBe(4);
  });
});
