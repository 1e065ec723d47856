/** The network's training mode as TensorFlow.js' documentation would have it. */
import * as tf from '@tensorflow/tfjs-core';
import {
  BATCH_NORM_EPSILON,
  inferenceLayers,
  samePadding,
} from '../../packages/sdk/dist/network/index.js';

/** @param {Record<string, tf.Tensor>} weights by their names in the arena */
export function stockLayers(weights) {
  return {
    ...inferenceLayers(weights),
    convolution(x, { name, stride, kernelSize }, activation) {
      const y = tf.conv2d(x, weights[`${name}.weight`], stride, samePadding(kernelSize));
      const { mean, variance } = tf.moments(y, [0, 1, 2]);
      const normalised = tf.batchNorm(
        y,
        mean,
        variance,
        weights[`${name}.beta`],
        weights[`${name}.gamma`],
        BATCH_NORM_EPSILON,
      );
      return activation === 'relu' ? tf.relu(normalised) : normalised;
    },
  };
}
