import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialiseBackend } from '../../src/backend.js';
import { createRng } from '../../src/rng.js';
import {
  expectSame,
  finiteDifferences,
  gradientsOf,
  type TensorFunction,
  type Values,
} from '../support/gradients.js';

interface Pooling {
  readonly name: string;
  readonly window: number;
  readonly stride: number;
  readonly pad: number;
  readonly shape: readonly [number, number, number, number];
}

const POOLINGS: readonly Pooling[] = [
  { name: '3x3 of an even map', window: 3, stride: 2, pad: 1, shape: [2, 6, 6, 3] },
  { name: '3x3 of an odd map', window: 3, stride: 2, pad: 1, shape: [2, 7, 5, 3] },
  { name: '3x3 of one pixel', window: 3, stride: 2, pad: 1, shape: [2, 1, 1, 3] },
  { name: '2x2 without padding', window: 2, stride: 2, pad: 0, shape: [1, 5, 4, 2] },
];

const pool =
  ({ window, stride, pad }: Pooling): TensorFunction =>
  (x) =>
    tf.maxPool(x as tf.Tensor4D, window, stride, pad);

/** Every value once, 0.1 apart and on both sides of 0: no window has two largest. */
function distinctValues(shape: readonly number[]): Values {
  const size = shape.reduce((product, length) => product * length, 1);
  const order = createRng(3).shuffle(Array.from({ length: size }, (_, i) => i));
  return { shape, data: Float32Array.from(order, (rank) => 0.1 * (rank - size / 2)) };
}

const references = new Map<string, Values[]>();

beforeAll(async () => {
  await initialiseBackend('cpu');
  for (const pooling of POOLINGS) {
    references.set(pooling.name, gradientsOf(pool(pooling), [distinctValues(pooling.shape)]));
  }
});

describe("the wasm back end's gradient of max pooling", () => {
  beforeAll(() => initialiseBackend('wasm'));

  it.each(POOLINGS)('is that of the cpu back end: $name', (pooling) => {
    const inputs = [distinctValues(pooling.shape)];
    expectSame(gradientsOf(pool(pooling), inputs), references.get(pooling.name)!, 1e-6);
  });

  it.each(POOLINGS)('is that of finite differences: $name', (pooling) => {
    const inputs = [distinctValues(pooling.shape)];
    const f = pool(pooling);
    expectSame(gradientsOf(f, inputs), finiteDifferences(f, inputs, 0.02), 1e-4);
  });

  it('goes to the first of equal values, and adds up where windows share it', () => {
    // Windows of rows and columns -1..1 and 1..3; all values equal, so each window's first inner
    // value: (0, 0), (0, 1), (1, 0) and (1, 1).
    const gradient = tf.tidy(() =>
      tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 1))(
        tf.zeros([1, 4, 4, 1]),
        tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]),
      ),
    );
    expect([...gradient.dataSync()]).toEqual([1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    // The largest value lies in all four windows.
    const shared = tf.tidy(() => {
      const peak = new Float32Array(16);
      peak[5] = 1;
      return tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 1))(
        tf.tensor4d(peak, [1, 4, 4, 1]),
        tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]),
      );
    });
    expect(shared.dataSync()[5]).toBe(10);
  });
});
