import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from './config.js';
import { weight, type Weights } from './weights.js';

/**
 * Feature decomposition network (paper, equation 1): l_ij = ReLU(W_dj^T x_i).
 * The M fully connected layers share their input, so they are one matrix product.
 *
 * @param features - x, [N,p]
 * @returns latent features l, [N,M,D]
 */
export function decompose(
  features: tf.Tensor2D,
  weights: Weights,
  config: NetworkConfig,
): tf.Tensor3D {
  const product = tf.matMul(features, weight(weights, 'fdn.weight')); // [N,M*D]
  const latent = tf.relu(tf.add(product, weight(weights, 'fdn.bias')));
  return tf.reshape(latent, [features.shape[0], config.latentFeatures, config.latentWidth]);
}
