import * as tf from '@tensorflow/tfjs-core';
import { weight, type ConvolutionSpec, type Weights } from './weights.js';

/**
 * The operations whose form depends on the mode. The network is written once over this interface:
 * {@link inferenceLayers} runs it with stored statistics, the trainer's layers run it with batch
 * statistics and gradients of their own.
 */
export interface Layers {
  readonly weights: Weights;
  /** Convolution with symmetric padding, batch normalisation, activation. */
  convolution(x: tf.Tensor4D, spec: ConvolutionSpec, activation: 'relu' | 'linear'): tf.Tensor4D;
  /** Max pooling 3x3, stride 2, padding 1. */
  maxPool(x: tf.Tensor4D): tf.Tensor4D;
  /** Mean over the map: [N,H,W,C] -> [N,C]. */
  globalAveragePool(x: tf.Tensor4D): tf.Tensor2D;
  /** Cross-correlation along the channel axis, zero padded: [N,C] with [k] -> [N,C]. */
  channelConvolution(x: tf.Tensor2D, kernel: tf.Tensor1D): tf.Tensor2D;
  /** x * s, s being one factor for each image and channel: [N,H,W,C] and [N,C]. */
  scaleChannels(x: tf.Tensor4D, s: tf.Tensor2D): tf.Tensor4D;
}

/** Batch normalisation's epsilon, in training, folding and inference. */
export const BATCH_NORM_EPSILON = 1e-5;

/** Padding that keeps the map at stride 1: the original ResNet's, the same on both sides. */
export function samePadding(kernelSize: number): number {
  return (kernelSize - 1) / 2;
}

/** [N,C] with [k] -> [N,C]: a 1 x k convolution over a map whose columns are the channels. */
export function channelConvolution(x: tf.Tensor2D, kernel: tf.Tensor1D): tf.Tensor2D {
  const [batch, channels] = x.shape;
  const k = kernel.shape[0];
  const p = samePadding(k);
  const y = tf.conv2d(
    tf.reshape<tf.Rank.R4>(x, [batch, 1, channels, 1]),
    tf.reshape<tf.Rank.R4>(kernel, [1, k, 1, 1]),
    1,
    [
      [0, 0],
      [0, 0],
      [p, p],
      [0, 0],
    ],
  ); // [N,1,C,1]
  return tf.reshape(y, [batch, channels]);
}

/** [N,H,W,C] -> [N,C]; average pooling over the whole map needs no transposition, unlike mean. */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape;
  return tf.reshape(tf.avgPool(x, [height, width], 1, 'valid'), [batch, channels]);
}

/** [N,H,W,C] times [N,C]. */
export function scaleChannels(x: tf.Tensor4D, s: tf.Tensor2D): tf.Tensor4D {
  const [batch, channels] = s.shape;
  return tf.mul(x, tf.reshape(s, [batch, 1, 1, channels]));
}

/** Layers for inference: with folded weights, or with running statistics where they are separate. */
export function inferenceLayers(weights: Weights): Layers {
  return {
    weights,
    convolution(x, spec, activation) {
      const filter = weight(weights, `${spec.name}.weight`) as tf.Tensor4D;
      const pad = samePadding(spec.kernelSize);
      const bias = weights[`${spec.name}.bias`];
      if (bias) {
        return tf.fused.conv2d({ x, filter, strides: spec.stride, pad, bias, activation });
      }
      const y = tf.batchNorm(
        tf.conv2d(x, filter, spec.stride, pad),
        weight(weights, `${spec.name}.mean`) as tf.Tensor1D,
        weight(weights, `${spec.name}.variance`) as tf.Tensor1D,
        weight(weights, `${spec.name}.beta`) as tf.Tensor1D,
        weight(weights, `${spec.name}.gamma`) as tf.Tensor1D,
        BATCH_NORM_EPSILON,
      );
      return activation === 'relu' ? tf.relu(y) : y;
    },
    maxPool: (x) => tf.maxPool(x, 3, 2, 1),
    globalAveragePool,
    channelConvolution,
    scaleChannels,
  };
}
