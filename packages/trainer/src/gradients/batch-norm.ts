import * as tf from '@tensorflow/tfjs-core';
import { BATCH_NORM_EPSILON } from 'emotion-cam/network';

/** Batch statistics of one layer, kept until the caller disposes of them. */
export interface BatchStatistics {
  /** [C] */
  readonly mean: tf.Tensor1D;
  /** Biased variance, [C]. */
  readonly variance: tf.Tensor1D;
  /** Values that each entry is a statistic of: N * H * W. */
  readonly rows: number;
}

/**
 * Mean over the rows of [R,C]: [C]. The CPU back ends have no fast reduction over rows, but a fast
 * average pooling (ten times faster than `tf.mean`); WebGPU has a fast product with a row of ones.
 */
function meanRows(x: tf.Tensor2D): tf.Tensor1D {
  const [rows, channels] = x.shape;
  if (tf.getBackend() === 'webgpu') {
    return tf.reshape(tf.matMul(tf.fill([1, rows], 1 / rows), x), [channels]);
  }
  const map: tf.Tensor4D = tf.reshape(x, [1, rows, 1, channels]);
  return tf.reshape(tf.avgPool(map, [rows, 1], 1, 'valid'), [channels]);
}

/**
 * Batch normalisation with the statistics of the batch, then ReLU where asked, with one gradient
 * for both. Differentiating `tf.moments` instead builds full-size `ones` on the CPU (docs/decisions/0002-convolution-gradients.md).
 *
 * @param x - [N,H,W,C]
 * @param gamma - scale, [C]
 * @param beta - offset, [C]
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  activation: 'relu' | 'linear',
): { y: tf.Tensor4D; statistics: BatchStatistics } {
  let statistics: BatchStatistics | undefined;
  const withGradient = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, scale, offset, save] = args as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const channels = input.shape[3];
    const rowCount = input.size / channels;
    const rows: tf.Tensor2D = tf.reshape(input, [rowCount, channels]);
    const mean = meanRows(rows);
    const centred: tf.Tensor2D = tf.sub(rows, mean);
    const variance = meanRows(tf.mul(centred, centred));
    const inverse: tf.Tensor1D = tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON));
    statistics = { mean: tf.keep(mean), variance: tf.keep(variance), rows: rowCount };
    const linear: tf.Tensor2D = tf.add(tf.mul(centred, tf.mul(scale, inverse)), offset);
    const y = activation === 'relu' ? tf.relu(linear) : linear;
    save([centred, y, inverse, scale]);
    return {
      value: tf.reshape(y, input.shape),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [c, out, inv, g] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Tensor1D];
        const upstream: tf.Tensor2D = tf.reshape(dy, [rowCount, channels]);
        const dz: tf.Tensor2D = activation === 'relu' ? tf.mul(upstream, tf.step(out)) : upstream;
        const meanDz = meanRows(dz);
        const meanDzC = meanRows(tf.mul(dz, c));
        // dx = gamma * inv * (dz - mean(dz) - xhat * mean(dz * xhat)), grouped by channel
        const factor: tf.Tensor1D = tf.mul(g, inv);
        const slope = tf.mul(tf.mul(factor, tf.square(inv)), meanDzC);
        const dx = tf.sub(tf.mul(tf.sub(dz, meanDz), factor), tf.mul(c, slope));
        const dGamma = tf.mul(tf.mul(meanDzC, inv), rowCount);
        const dBeta = tf.mul(meanDz, rowCount);
        return [tf.reshape(dx, input.shape), dGamma, dBeta];
      },
    };
  });
  const y = withGradient(x, gamma, beta) as tf.Tensor4D;
  if (!statistics) throw new Error('tf.customGrad did not run its function');
  return { y, statistics };
}
