import * as tf from '@tensorflow/tfjs-core';
import type { Layers } from './layers.js';
import { weight } from './weights.js';

/**
 * Efficient channel attention (paper, 3.2.1): every channel is scaled by
 * s = sigmoid(conv1d_k(GAP(x))), so neighbouring channels decide each other's weight.
 *
 * @param x - [N,H,W,C]
 * @param name - the weight is `<name>.weight`, [k], without bias
 * @returns [N,H,W,C]
 */
export function efficientChannelAttention(
  x: tf.Tensor4D,
  layers: Layers,
  name: string,
): tf.Tensor4D {
  const kernel = weight(layers.weights, `${name}.weight`) as tf.Tensor1D;
  const pooled = layers.globalAveragePool(x); // [N,C]
  const attention = tf.sigmoid(layers.channelConvolution(pooled, kernel)); // [N,C]
  return layers.scaleChannels(x, attention);
}
