import * as tf from '@tensorflow/tfjs-core';
import {
  channelConvolution as channelConvolutionForward,
  globalAveragePool as globalAveragePoolForward,
  samePadding,
  scaleChannels as scaleChannelsForward,
} from 'emotion-cam/network';

/**
 * Gradients of the channel operations of ECA, built from operations that every back end has.
 */

type CustomArgs<A extends tf.Tensor, B extends tf.Tensor> = [A, B, tf.GradSaveFunc];

/** Mean over the map, [N,H,W,C] -> [N,C]; its gradient spreads dy evenly. */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  const withGradient = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const input = args[0] as tf.Tensor4D;
    const [n, h, w, c] = input.shape;
    return {
      value: globalAveragePoolForward(input),
      gradFunc: (dy: tf.Tensor) =>
        tf.mul(tf.ones([n, h, w, c]), tf.reshape(tf.div(dy, h * w), [n, 1, 1, c])),
    };
  });
  return withGradient(x) as tf.Tensor2D;
}

/** x * s with s [N,C]; ds is a pooled product instead of a reduction over two inner axes. */
export function scaleChannels(x: tf.Tensor4D, s: tf.Tensor2D): tf.Tensor4D {
  const withGradient = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, factor, save] = args as CustomArgs<tf.Tensor4D, tf.Tensor2D>;
    save([input, factor]);
    return {
      value: scaleChannelsForward(input, factor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedInput, savedFactor] = saved as [tf.Tensor4D, tf.Tensor2D];
        const [, h, w] = savedInput.shape;
        const upstream = dy as tf.Tensor4D;
        return [
          scaleChannelsForward(upstream, savedFactor),
          tf.mul(globalAveragePoolForward(tf.mul(upstream, savedInput)), h * w),
        ];
      },
    };
  });
  return withGradient(x, s);
}

/** ECA's convolution over the channel axis, [N,C] with [k]. */
export function channelConvolution(x: tf.Tensor2D, kernel: tf.Tensor1D): tf.Tensor2D {
  const withGradient = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, filter, save] = args as CustomArgs<tf.Tensor2D, tf.Tensor1D>;
    save([input, filter]);
    return {
      value: channelConvolutionForward(input, filter),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedInput, savedFilter] = saved as [tf.Tensor2D, tf.Tensor1D];
        const [n, c] = savedInput.shape;
        const k = savedFilter.shape[0];
        const p = samePadding(k);
        const padded = tf.pad(savedInput, [
          [0, 0],
          [p, p],
        ]);
        const taps = Array.from({ length: k }, (_, tap) =>
          tf.sum(tf.mul(dy, tf.slice(padded, [0, tap], [n, c]))),
        );
        return [
          channelConvolutionForward(dy as tf.Tensor2D, tf.reverse(savedFilter)),
          tf.stack(taps),
        ];
      },
    };
  });
  return withGradient(x, kernel);
}
