import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { createRng } from '../../src/rng.js';

/** A tensor that belongs to no back end. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A function of tensors; gradients are those of the sum of its values times fixed weights. */
export type TensorFunction = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Normally distributed values that only depend on the seed. */
export function randomValues(shape: readonly number[], seed: number): Values {
  const rng = createRng(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, () => rng.normal()) };
}

const tensorOf = ({ shape, data }: Values): tf.Tensor => tf.tensor(data, [...shape]);

/** The function's value on the back end in use. */
export function evaluate(f: TensorFunction, inputs: readonly Values[]): Values {
  const result = tf.tidy(() => f(...inputs.map(tensorOf)));
  const values = { shape: result.shape, data: result.dataSync<'float32'>().slice() };
  result.dispose();
  return values;
}

/** Weights of the function's values in the sum that is differentiated. */
function upstreamOf({ shape }: Values): Values {
  return randomValues(shape, 99);
}

/** Gradient with respect to every input, by the back end in use; no tensor may stay behind. */
export function gradientsOf(f: TensorFunction, inputs: readonly Values[]): Values[] {
  const upstream = upstreamOf(evaluate(f, inputs));
  const before = tf.memory().numTensors;
  const gradients = tf.tidy(() => tf.grads(f)(inputs.map(tensorOf), tensorOf(upstream)));
  const values = gradients.map((gradient) => ({
    shape: gradient.shape,
    data: gradient.dataSync<'float32'>().slice(),
  }));
  tf.dispose(gradients);
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  return values;
}

/**
 * The same by central differences, summed in double precision.
 *
 * @param step - exact at any size where the function is linear in each input; small elsewhere
 */
export function finiteDifferences(
  f: TensorFunction,
  inputs: readonly Values[],
  step: number,
): Values[] {
  const upstream = upstreamOf(evaluate(f, inputs)).data;
  const objective = (): number =>
    evaluate(f, inputs).data.reduce((sum, value, i) => sum + value * upstream[i]!, 0);
  return inputs.map(({ shape, data }) => {
    const gradient = Float32Array.from(data, (value, i) => {
      data[i] = value + step;
      const above = objective();
      data[i] = value - step;
      const below = objective();
      data[i] = value;
      return (above - below) / (2 * step);
    });
    return { shape, data: gradient };
  });
}

/** Compares arrays of equal shape: no difference above the tolerance times the largest value. */
export function expectSame(
  actual: readonly Values[],
  expected: readonly Values[],
  tolerance: number,
): void {
  expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  actual.forEach(({ data }, index) => {
    const truth = expected[index]!.data;
    const largest = truth.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest, `all expected values of array ${index} are 0`).toBeGreaterThan(0);
    let worst = 0;
    data.forEach((value, i) => {
      const difference = Math.abs(value - truth[i]!);
      if (!(difference <= worst)) worst = difference; // NaN is the worst of all
    });
    expect(worst / largest, `array ${index}`).toBeLessThan(tolerance);
  });
}
