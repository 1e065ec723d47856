import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from './config.js';
import { headGradient } from './head-gradient.js';
import { globalAveragePool } from './layers.js';
import type { Weights } from './weights.js';

/**
 * Grad-CAM (Selvaraju et al. 2017; the paper's figure 8): where in the picture the last convolution
 * speaks for a class. ReLU of the sum of its channels, each weighted with the mean over the map of the
 * logit's gradient, then divided by the map's own largest value.
 *
 * Between map and head stands global average pooling, so that gradient is the same at every place and
 * its mean is that of the pooled features by a factor that the last division takes away: only the head
 * is differentiated.
 *
 * @param featureMap - `forward(...).featureMap`, A, [N,H,W,p]
 * @param classes - index of the class to explain for each image, [N]
 * @returns [N,H,W], 0..1; all 0 where nothing speaks for the class. The caller disposes of it
 * @throws {RangeError} a class that there is not, or not one for each image
 */
export function gradCam(
  featureMap: tf.Tensor4D,
  classes: readonly number[],
  weights: Weights,
  config: NetworkConfig,
): tf.Tensor3D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = featureMap.shape;
    const gradient = headGradient(globalAveragePool(featureMap), classes, weights, config); // [N,p]
    const places = tf.reshape<tf.Rank.R3>(featureMap, [batch, height * width, channels]);
    const sums = tf.matMul(places, tf.expandDims<tf.Tensor3D>(gradient, 2)); // [N,H*W,1]
    const evidence = tf.relu(sums);
    const largest = tf.max(evidence, 1, true); // [N,1,1]
    const isNowhere = tf.sub(1, tf.step(largest)); // 0 / (0 + 1) where there is no evidence
    return tf.reshape(tf.div(evidence, tf.add(largest, isNowhere)), [batch, height, width]);
  });
}

/**
 * Heat maps at the size of the picture, to be laid over it.
 *
 * @param maps - [N,H,W]
 * @param size - side in pixels
 * @returns [N,size,size], bilinear; the caller disposes of it
 */
export function resizeHeatMaps(maps: tf.Tensor3D, size: number): tf.Tensor3D {
  return tf.tidy(() => {
    const images = tf.expandDims<tf.Tensor4D>(maps, 3); // [N,H,W,1]
    return tf.squeeze(tf.image.resizeBilinear(images, [size, size], false, true), [3]);
  });
}
