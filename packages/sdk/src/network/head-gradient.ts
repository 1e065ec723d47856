import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from './config.js';
import { decompose } from './decomposition.js';
import {
  reconstruct,
  rootOfDistances,
  squaredDistances,
  vertexLengths,
  type Reconstruction,
} from './reconstruction.js';
import { weight, type Weights } from './weights.js';

/**
 * The gradient of one logit of each image with respect to the features after global average pooling.
 *
 * Written out as forward operations, because pages load tfjs-core without its gradients: registering
 * those that the head needs would cost more code than this, and every back end has these operations.
 *
 * @param features - x, [N,p]
 * @param classes - index of each image's class, [N]
 * @returns d logit / d x, [N,p]; the caller disposes of it
 * @throws {RangeError} a class that there is not, or not one for each image
 */
export function headGradient(
  features: tf.Tensor2D,
  classes: readonly number[],
  weights: Weights,
  config: NetworkConfig,
): tf.Tensor2D {
  const name = config.head === 'linear' ? 'linear' : 'epn';
  const predictor = weight(weights, `${name}.weight`) as tf.Tensor2D; // [p,K] or [D,K]
  requireClasses(classes, features.shape[0], predictor.shape[1]);
  return tf.tidy(() => {
    const ofPredictor: tf.Tensor2D = tf.matMul(
      oneHot(classes, predictor.shape[1]),
      predictor,
      false,
      true,
    );
    if (config.head === 'linear') return ofPredictor; // [N,p]

    const latents = decompose(features, weights, config); // [N,M,D]
    const parts = reconstruct(latents, weights, config);
    const dLatents = reconstructionGradient(ofPredictor, latents, parts, weights, config);
    const dProduct = tf.mul(dLatents, tf.step(latents)); // through ReLU, equation 1
    const flat = tf.reshape<tf.Rank.R2>(dProduct, [features.shape[0], -1]); // [N,M*D]
    return tf.matMul(flat, weight(weights, 'fdn.weight'), false, true);
  });
}

/** Equations 2 to 6 backwards: d expression [N,D] -> d latents [N,M,D]. */
function reconstructionGradient(
  dExpression: tf.Tensor2D,
  latents: tf.Tensor3D,
  { gates, alphas, vertices, relation }: Reconstruction,
  weights: Weights,
  config: NetworkConfig,
): tf.Tensor3D {
  const dSum = tf.tile(tf.expandDims<tf.Tensor3D>(dExpression, 1), [1, config.latentFeatures, 1]);
  const dInter = tf.mul(dSum, 1 - config.delta); // equations 5 and 6, [N,M,D]

  const dRelation = tf.matMul(dInter, vertices, false, true); // equation 4, [N,M,M]
  const slope = tf.sub(tf.sub(1, tf.eye(config.latentFeatures)), tf.square(relation)); // of tanh, 0 on the diagonal
  const dSimilarity: tf.Tensor3D = tf.mul(dRelation, slope); // equation 3
  const dVertices = tf.add(
    tf.matMul(relation, dInter, true),
    similarityGradient(dSimilarity, vertices, config),
  ); // [N,M,D]
  const dInterLayer: tf.Tensor3D = tf.mul(dVertices, tf.step(vertices)); // through ReLU, equation 2
  const dIntra = tf.add(
    tf.mul(dSum, config.delta),
    perFeatureGradient(dInterLayer, weights, 'frn.inter'),
  ); // [N,M,D]

  // f = alpha l, alpha = mean of sigmoids of l's own layer.
  const dAlphas = tf.mean(tf.mul(dIntra, latents), 2, true); // over D, as alpha is; [N,M,1]
  const dIntraLayer: tf.Tensor3D = tf.mul(dAlphas, tf.mul(gates, tf.sub(1, gates)));
  return tf.add(
    tf.mul(dIntra, tf.expandDims(alphas, 2)),
    perFeatureGradient(dIntraLayer, weights, 'frn.intra'),
  );
}

/** S of equation 3 backwards: d S [N,M,M] -> d g [N,M,D]. */
function similarityGradient(
  dSimilarity: tf.Tensor3D,
  g: tf.Tensor3D,
  config: NetworkConfig,
): tf.Tensor3D {
  const bothWays = (d: tf.Tensor3D): tf.Tensor3D => tf.add(d, tf.transpose(d, [0, 2, 1]));
  switch (config.similarity) {
    case 'dot':
      return tf.div(tf.matMul(bothWays(dSimilarity), g), Math.sqrt(config.latentWidth));
    case 'cosine': {
      const length = vertexLengths(g);
      const unit: tf.Tensor3D = tf.div(g, length);
      const dUnit = tf.matMul(bothWays(dSimilarity), unit);
      const along = tf.sum(tf.mul(unit, dUnit), 2, true); // a change of length changes nothing
      return tf.div(tf.sub(dUnit, tf.mul(unit, along)), length);
    }
    case 'euclidean': {
      const distance2 = squaredDistances(g);
      const distance = rootOfDistances(distance2); // S = 1 / (1 + distance)
      const slope = tf.div(-0.5, tf.mul(distance, tf.square(tf.add(distance, 1)))); // d S / d distance2
      const d = bothWays(tf.mul(dSimilarity, tf.mul(slope, tf.step(distance2)))); // [N,M,M]
      return tf.mul(tf.sub(tf.mul(tf.sum(d, 2, true), g), tf.matMul(d, g)), 2);
    }
  }
}

/** One fully connected layer for each latent feature, backwards: [N,M,D] -> [N,M,D]. */
function perFeatureGradient(d: tf.Tensor3D, weights: Weights, name: string): tf.Tensor3D {
  const byFeature = tf.transpose(d, [1, 0, 2]); // [M,N,D]
  const kernel = weight(weights, `${name}.weight`) as tf.Tensor3D; // [M,D,D]
  return tf.transpose(tf.matMul(byFeature, kernel, false, true), [1, 0, 2]);
}

/** Not `tf.oneHot`: the wasm back end writes integers even where float32 is asked for; they read as 0. */
function oneHot(classes: readonly number[], count: number): tf.Tensor2D {
  const rows = new Float32Array(classes.length * count);
  classes.forEach((k, row) => {
    rows[row * count + k] = 1;
  });
  return tf.tensor2d(rows, [classes.length, count]);
}

function requireClasses(classes: readonly number[], images: number, count: number): void {
  if (classes.length !== images) {
    throw new RangeError(`Each of ${images} images needs one class; got ${classes.length}.`);
  }
  const wrong = classes.find((k) => !Number.isInteger(k) || k < 0 || k >= count);
  if (wrong === undefined) return;
  throw new RangeError(`There is no class ${wrong}: classes are numbered 0 to ${count - 1}.`);
}
