import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from './config.js';
import { weight, type Weights } from './weights.js';

/** What the reconstruction computes; the losses of training read the intermediate results. */
export interface Reconstruction {
  /** alpha, the weight of each latent feature, 0..1, [N,M]. */
  readonly alphas: tf.Tensor2D;
  /** y, the expression feature, [N,D] (equation 6). */
  readonly expression: tf.Tensor2D;
}

/** One fully connected layer for each latent feature: [N,M,D] -> [N,M,D]. */
function perFeatureDense(x: tf.Tensor3D, weights: Weights, name: string): tf.Tensor3D {
  const byFeature = tf.transpose(x, [1, 0, 2]); // [M,N,D]
  const y: tf.Tensor3D = tf.add(
    tf.matMul(byFeature, weight(weights, `${name}.weight`) as tf.Tensor3D),
    weight(weights, `${name}.bias`),
  ); // [M,N,D]
  return tf.transpose(y, [1, 0, 2]);
}

/**
 * S of equation 3 for all pairs of vertices: [N,M,D] -> [N,M,M].
 * The paper leaves S open; `'dot'` is scaled by sqrt(D) so that tanh is not saturated from the start.
 */
function similarity(g: tf.Tensor3D, config: NetworkConfig): tf.Tensor3D {
  const dot = (a: tf.Tensor3D): tf.Tensor3D => tf.matMul(a, a, false, true); // [N,M,M]
  switch (config.similarity) {
    case 'dot':
      return tf.div(dot(g), Math.sqrt(config.latentWidth));
    case 'cosine': {
      const length = tf.sqrt(tf.add(tf.sum(tf.square(g), 2, true), 1e-12)); // [N,M,1]
      return dot(tf.div(g, length));
    }
    case 'euclidean': {
      const squares = tf.sum(tf.square(g), 2, true); // [N,M,1]
      const distance2 = tf.sub(
        tf.add(squares, tf.transpose(squares, [0, 2, 1])),
        tf.mul(dot(g), 2),
      ); // |g_j - g_m|^2
      return tf.div(1, tf.add(tf.sqrt(tf.add(tf.relu(distance2), 1e-12)), 1));
    }
  }
}

/**
 * Feature reconstruction network (paper, 3.3.2).
 *
 * @param latents - l, [N,M,D]
 */
export function reconstruct(
  latents: tf.Tensor3D,
  weights: Weights,
  config: NetworkConfig,
): Reconstruction {
  const m = config.latentFeatures;
  // Intra-feature relation: alpha is the L1 norm over D, so the mean of sigmoids; the 1/D keeps
  // it between 0 and 1, as the text asks (deviation, docs/paper.md).
  const alphas = tf.mean(tf.sigmoid(perFeatureDense(latents, weights, 'frn.intra')), 2); // [N,M]
  const f: tf.Tensor3D = tf.mul(latents, tf.expandDims(alphas, 2)); // f_ij = alpha_ij l_ij, [N,M,D]

  // Inter-feature relation: a graph over the M features of one image.
  const g = tf.relu(perFeatureDense(f, weights, 'frn.inter')); // equation 2, [N,M,D]
  const offDiagonal = tf.sub(1, tf.eye(m)); // no feature talks to itself (equation 3)
  const relation: tf.Tensor3D = tf.mul(tf.tanh(similarity(g, config)), offDiagonal); // [N,M,M]
  const fHat = tf.matMul(relation, g); // equation 4, [N,M,D]

  const y = tf.add(tf.mul(f, config.delta), tf.mul(fHat, 1 - config.delta)); // equation 5
  return { alphas: alphas as tf.Tensor2D, expression: tf.sum(y, 1) }; // equation 6
}
