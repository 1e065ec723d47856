import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { inferenceLayers, type ConvolutionSpec } from '../../src/network/index.js';
import { BACKENDS, useBackend } from './support/backends.js';
import { expectClose } from './support/numbers.js';

const STEM: ConvolutionSpec = {
  name: 'stem',
  kernelSize: 7,
  inputChannels: 1,
  outputChannels: 1,
  stride: 2,
};

/** A 7x7 kernel that only looks at one place of its window. */
function singleTap(row: number, column: number): tf.Tensor4D {
  const values = new Float32Array(49);
  values[row * 7 + column] = 1;
  return tf.tensor4d(values, [7, 7, 1, 1]);
}

describe.each(BACKENDS)('inferenceLayers on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('pads by the same amount on both sides at stride 2', () => {
    // Window (i, j) begins at (2i - 3, 2j - 3), so its tap (3, 3) is the input's (2i, 2j).
    const x = tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [1, 4, 4, 1]);
    const weights = { 'stem.weight': singleTap(3, 3), 'stem.bias': tf.tensor1d([0]) };
    const y = inferenceLayers(weights).convolution(x, STEM, 'linear');
    expect(y.shape).toEqual([1, 2, 2, 1]);
    expectClose(y, [0, 2, 8, 10], 1e-6);
  });

  it('adds the bias of folded weights, then ReLU where asked', () => {
    const x = tf.tensor4d([1, -5, 7, 7], [1, 2, 2, 1]);
    const weights = { 'stem.weight': singleTap(3, 4), 'stem.bias': tf.tensor1d([2]) };
    // tap (3, 4) of the only window is the input's (0, 1): -5, plus 2
    const layers = inferenceLayers(weights);
    expectClose(layers.convolution(x, STEM, 'linear'), [-3], 1e-6);
    expectClose(layers.convolution(x, STEM, 'relu'), [0], 1e-6);
  });

  it('normalises by running statistics where batch normalisation is not folded', () => {
    // (4 - 1) / sqrt(9 - 1e-5 + 1e-5) * 2 + 0.5 = 2.5
    const weights = {
      'stem.weight': singleTap(3, 3),
      'stem.gamma': tf.tensor1d([2]),
      'stem.beta': tf.tensor1d([0.5]),
      'stem.mean': tf.tensor1d([1]),
      'stem.variance': tf.tensor1d([9 - 1e-5]),
    };
    const layers = inferenceLayers(weights);
    expectClose(layers.convolution(tf.fill([1, 1, 1, 1], 4), STEM, 'relu'), [2.5], 1e-5);
    expectClose(layers.convolution(tf.fill([1, 1, 1, 1], -4), STEM, 'relu'), [0], 1e-5);
  });

  it('lets no padding win a max pooling, and begins its windows one before the map', () => {
    // Rows and columns begin at -1 and 1: the windows hold 0..1 and 1..3.
    const x = tf.tensor4d(
      [-9, -8, -7, -6, -5, -4, -3, -2, -16, -15, -14, -13, -12, -11, -10, -1],
      [1, 4, 4, 1],
    );
    const y = inferenceLayers({}).maxPool(x);
    expect(y.shape).toEqual([1, 2, 2, 1]);
    expectClose(y, [-4, -2, -4, -1], 1e-6);
  });

  it('pools each image and channel over its whole map', () => {
    const x = tf.tensor4d([1, 10, 3, 30, 5, 50, 7, 70, 0, 0, 0, 0, 0, 4, 0, 0], [2, 2, 2, 2]);
    expectClose(inferenceLayers({}).globalAveragePool(x), [4, 40, 0, 1], 1e-6);
  });
});
