import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ecaKernelSize,
  efficientChannelAttention,
  inferenceLayers,
} from '../../src/network/index.js';
import { BACKENDS, useBackend } from './support/backends.js';
import { expectClose } from './support/numbers.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('ecaKernelSize', () => {
  it.each([
    [64, 3], // 6 / 2 + 1/2 = 3.5 -> 3
    [128, 5], // 4 -> even -> 5
    [256, 5], // 4.5 -> 4 -> 5
    [512, 5], // 5
  ])('of %i channels is %i', (channels, size) => {
    expect(ecaKernelSize(channels)).toBe(size);
  });
});

describe.each(BACKENDS)('efficientChannelAttention on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('scales every channel by the sigmoid of its neighbourhood of pooled channels', () => {
    // Two pixels of three channels, pooled: ((1+3)/2, (2+2)/2, (3-1)/2) = (2, 2, 1).
    // Kernel (1, 0, -1), so left neighbour minus right neighbour, zero beyond the ends:
    // 0 - 2 = -2, 2 - 1 = 1, 2 - 0 = 2.
    const x = tf.tensor4d([1, 2, 3, 3, 2, -1], [1, 1, 2, 3]);
    const layers = inferenceLayers({ 'block.eca.weight': tf.tensor1d([1, 0, -1]) });
    const y = efficientChannelAttention(x, layers, 'block.eca');
    const s = [sigmoid(-2), sigmoid(1), sigmoid(2)] as const;
    expect(y.shape).toEqual([1, 1, 2, 3]);
    expectClose(y, [s[0], 2 * s[1], 3 * s[2], 3 * s[0], 2 * s[1], -s[2]], 1e-6);
  });

  it('reaches two channels to either side with a kernel of five, and no other image', () => {
    // Pooled = the pixel itself. Kernel (1, 0, 0, 0, 10): y_c = x_(c-2) + 10 x_(c+2).
    // Image 1 (1, 2, 3): 0 + 30, 0 + 0, 1 + 0. Image 2 (0, 0, -1): 0 - 10, 0, 0.
    const x = tf.tensor4d([1, 2, 3, 0, 0, -1], [2, 1, 1, 3]);
    const layers = inferenceLayers({ 'e.weight': tf.tensor1d([1, 0, 0, 0, 10]) });
    const y = efficientChannelAttention(x, layers, 'e');
    expectClose(y, [sigmoid(30), 1, 3 * sigmoid(1), 0, 0, -0.5], 1e-6);
  });
});
