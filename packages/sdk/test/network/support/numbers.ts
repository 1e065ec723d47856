import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import {
  DEFAULT_NETWORK,
  weightSpecs,
  type NetworkConfig,
  type Weights,
} from '../../../src/network/index.js';

/** A network of the right depth that takes milliseconds: 4, 8, 16 and 32 channels. */
export const NARROW_NETWORK: NetworkConfig = {
  ...DEFAULT_NETWORK,
  width: 4,
  latentFeatures: 3,
  latentWidth: 8,
};

/** Numbers between -1 and 1 that only depend on the seed (a linear congruential generator). */
export function numbers(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

/** Normalised pictures, [N,S,S,3]. */
export function pictures(count: number, size: number, seed = 1): tf.Tensor4D {
  return tf.tensor4d(numbers(count * size * size * 3, seed), [count, size, size, 3]);
}

/** Generated weights of a size at which neither ReLU nor sigmoid is saturated; variances above 0. */
export function generatedWeights(config: NetworkConfig, options: { folded: boolean }): Weights {
  const entries = weightSpecs(config, options).map(({ name, shape, kind }, index) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const fanIn = size / (shape.at(-1) ?? 1);
    const values = numbers(size, index + 1).map((value) => {
      if (kind === 'kernel') return value * Math.sqrt(3 / fanIn);
      if (kind === 'scale' || name.endsWith('.variance')) return 1 + value / 2;
      return value / 4;
    });
    return [name, tf.tensor(values, [...shape])] as const;
  });
  return Object.fromEntries(entries);
}

/** Compares every value of a tensor with numbers worked out elsewhere. */
export function expectClose(
  actual: tf.Tensor,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  const values = actual.dataSync<'float32'>();
  expect(values.length).toBe(expected.length);
  const differences = Array.from(values, (value, index) => Math.abs(value - expected[index]!));
  const worst = differences.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), 0);
  expect(worst, `${values.join(', ')} against ${Array.from(expected).join(', ')}`).toBeLessThan(
    tolerance,
  );
}
