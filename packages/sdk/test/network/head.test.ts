import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  decompose,
  DEFAULT_NETWORK,
  head,
  reconstruct,
  type NetworkConfig,
  type Weights,
} from '../../src/network/index.js';
import { BACKENDS, useBackend } from './support/backends.js';
import { expectClose } from './support/numbers.js';

/** M = 2 features of D = 2 values; delta is not 1/2, so that its two sides cannot be exchanged. */
const TINY: NetworkConfig = { ...DEFAULT_NETWORK, latentFeatures: 2, latentWidth: 2, delta: 0.25 };
const LN3 = Math.log(3); // sigmoid(ln 3) = 3/4, sigmoid(-ln 3) = 1/4

/** Rows of 5, 7 and 9 meet zeros only: a transposed product would bring them in. */
function tinyWeights(): Weights {
  return {
    'fdn.weight': tf.tensor2d([0, 1, 0, 2, 1, -1, 0, 1], [2, 4]),
    'fdn.bias': tf.tensor1d([0, 0, -3, 0]),
    'frn.intra.weight': tf.tensor3d([LN3 / 2, 0, 5, 5, 9, 9, 0, -LN3 / 4], [2, 2, 2]),
    'frn.intra.bias': tf.tensor3d([0, LN3, -LN3, 0], [2, 1, 2]),
    'frn.inter.weight': tf.tensor3d([2, -1, 7, 7, 7, 7, 1, 2], [2, 2, 2]),
    'frn.inter.bias': tf.tensor3d([0, 0.5, 0, 0], [2, 1, 2]),
    'epn.weight': tf.tensor2d([1, 0, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 1], [2, 7]),
    'epn.bias': tf.tensor1d([0, 0, 1, 0, 0, 0, 0.5]),
  };
}

/**
 * l_1 = (2, 0), l_2 = (0, 4):
 * - intra: W_s1^T l_1 + b = (ln 3, 0) + (0, ln 3), sigmoid (3/4, 3/4), alpha_1 = 3/4, f_1 = (3/2, 0);
 *   W_s2^T l_2 + b = (0, -ln 3) + (-ln 3, 0), sigmoid (1/4, 1/4), alpha_2 = 1/4, f_2 = (0, 1);
 * - inter: g_1 = ReLU((3, -3/2) + (0, 1/2)) = (3, 0), g_2 = ReLU((1, 2)) = (1, 2);
 * - relation w = tanh(S(g_1, g_2)), 0 on the diagonal: fhat_1 = w (1, 2), fhat_2 = w (3, 0);
 * - y = 1/4 (f_1 + f_2) + 3/4 (fhat_1 + fhat_2) = (3/8 + 3 w, 1/4 + 3/2 w).
 */
const LATENTS = [2, 0, 0, 4];
const expression = (w: number): [number, number] => [3 / 8 + 3 * w, 1 / 4 + 1.5 * w];

/** g_1 . g_2 = 3, |g_1| = 3, |g_2| = sqrt(5), |g_1 - g_2| = |(2, -2)| = sqrt(8). */
const SIMILARITIES = [
  ['dot', 3 / Math.sqrt(2)],
  ['cosine', 3 / (3 * Math.sqrt(5))],
  ['euclidean', 1 / (1 + Math.sqrt(8))],
] as const;

describe.each(BACKENDS)('the FDRL head on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('decomposes features into M latent features of D values, none below zero', () => {
    // x = (1, 2): (0 + 2, 1 - 2, 0 - 3, 2 + 2) = (2, -1, -3, 4), then ReLU.
    // x = (0, 1): (1, -1, -3, 1), then ReLU.
    const latents = decompose(tf.tensor2d([1, 2, 0, 1], [2, 2]), tinyWeights(), TINY);
    expect(latents.shape).toEqual([2, 2, 2]);
    expectClose(latents, [2, 0, 0, 4, 1, 0, 0, 1], 1e-6);
  });

  it.each(SIMILARITIES)('reconstructs with the similarity %s', (similarity, s) => {
    const latents = tf.tensor3d(LATENTS, [1, 2, 2]);
    const result = reconstruct(latents, tinyWeights(), { ...TINY, similarity });
    expectClose(result.alphas, [3 / 4, 1 / 4], 1e-6);
    expectClose(result.expression, expression(Math.tanh(s)), 1e-5);
  });

  it('reconstructs every image of a batch by itself', () => {
    const weights = tinyWeights();
    const one = tf.tensor3d(LATENTS, [1, 2, 2]);
    const other = tf.tensor3d([1, 3, 2, 0.5], [1, 2, 2]);
    const alone = [one, other].map((l) => reconstruct(l, weights, TINY).expression.dataSync());
    const together = reconstruct(tf.concat([one, other]), weights, TINY);
    expectClose(together.expression, [...alone[0]!, ...alone[1]!], 1e-6);
  });

  it('mixes intra and inter features by delta', () => {
    const latents = tf.tensor3d(LATENTS, [1, 2, 2]);
    const only = reconstruct(latents, tinyWeights(), { ...TINY, delta: 1 });
    expectClose(only.expression, [1.5, 1], 1e-6); // f_1 + f_2
  });

  it('predicts the logits from the reconstructed expression', () => {
    // y is that of LATENTS; logits = (y_1, y_2, 1, 0, 0, 0, y_2 - y_1 + 1/2).
    const outputs = head(tf.tensor2d([1, 2], [1, 2]), tinyWeights(), TINY);
    const [y1, y2] = expression(Math.tanh(3 / Math.sqrt(2)));
    expectClose(outputs.logits, [y1, y2, 1, 0, 0, 0, y2 - y1 + 0.5], 1e-5);
    expectClose(outputs.latents!, LATENTS, 1e-6);
    expectClose(outputs.alphas!, [3 / 4, 1 / 4], 1e-6);
  });

  it('is one FC layer where the configuration says linear', () => {
    const weights = {
      'linear.weight': tf.tensor2d([1, 0, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 1], [2, 7]),
      'linear.bias': tf.tensor1d([0, 0, 1, 0, 0, 0, 0.5]),
    };
    const outputs = head(tf.tensor2d([3, 4], [1, 2]), weights, { ...TINY, head: 'linear' });
    expectClose(outputs.logits, [3, 4, 1, 0, 0, 0, 1.5], 1e-6); // 4 - 3 + 1/2
    expect(Object.keys(outputs)).toEqual(['logits']);
  });
});
