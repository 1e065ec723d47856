import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from './config.js';
import { weight, type Weights } from './weights.js';

/** What the reconstruction computes; the losses and the head's gradient read the steps between. */
export interface Reconstruction {
  /** sigmoid(W_s^T l), whose mean over D is alpha, [N,M,D]. */
  readonly gates: tf.Tensor3D;
  /** alpha, the weight of each latent feature, 0..1, [N,M]. */
  readonly alphas: tf.Tensor2D;
  /** f, the intra-features, [N,M,D]. */
  readonly intra: tf.Tensor3D;
  /** g, the vertices of the graph, [N,M,D] (equation 2). */
  readonly vertices: tf.Tensor3D;
  /** w, how strongly feature m enters feature j, 0 on the diagonal, [N,M,M] (equation 3). */
  readonly relation: tf.Tensor3D;
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

/** Keeps roots of zero differentiable. */
const TINY = 1e-12;

/** |g_j| of each vertex: [N,M,D] -> [N,M,1]. */
export function vertexLengths(g: tf.Tensor3D): tf.Tensor3D {
  return tf.sqrt(tf.add(tf.sum(tf.square(g), 2, true), TINY));
}

/** |g_j - g_m|^2 of all pairs, by rounding perhaps a little below 0: [N,M,D] -> [N,M,M]. */
export function squaredDistances(g: tf.Tensor3D): tf.Tensor3D {
  const squares = tf.sum(tf.square(g), 2, true); // [N,M,1]
  const dot = tf.matMul(g, g, false, true); // [N,M,M]
  return tf.sub(tf.add(squares, tf.transpose(squares, [0, 2, 1])), tf.mul(dot, 2));
}

/** The root of {@link squaredDistances}. */
export function rootOfDistances(distance2: tf.Tensor3D): tf.Tensor3D {
  return tf.sqrt(tf.add(tf.relu(distance2), TINY));
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
    case 'cosine':
      return dot(tf.div(g, vertexLengths(g)));
    case 'euclidean':
      return tf.div(1, tf.add(rootOfDistances(squaredDistances(g)), 1));
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
  const gates = tf.sigmoid(perFeatureDense(latents, weights, 'frn.intra')); // [N,M,D]
  const alphas: tf.Tensor2D = tf.mean(gates, 2); // [N,M]
  const intra: tf.Tensor3D = tf.mul(latents, tf.expandDims(alphas, 2)); // f_ij = alpha_ij l_ij, [N,M,D]

  // Inter-feature relation: a graph over the M features of one image.
  const vertices = tf.relu(perFeatureDense(intra, weights, 'frn.inter')); // equation 2, [N,M,D]
  const offDiagonal = tf.sub(1, tf.eye(m)); // no feature talks to itself (equation 3)
  const relation: tf.Tensor3D = tf.mul(tf.tanh(similarity(vertices, config)), offDiagonal); // [N,M,M]
  const inter = tf.matMul(relation, vertices); // equation 4, [N,M,D]

  const y = tf.add(tf.mul(intra, config.delta), tf.mul(inter, 1 - config.delta)); // equation 5
  return { gates, alphas, intra, vertices, relation, expression: tf.sum(y, 1) }; // equation 6
}
