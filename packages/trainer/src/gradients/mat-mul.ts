import * as tf from '@tensorflow/tfjs-core';
import { replaceGradient } from './kernel-registry.js';

/** Exchanges the last two axes. */
function transposed(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  [axes[last - 1], axes[last]] = [last, last - 1];
  return tf.transpose(x, axes);
}

/**
 * Replaces the gradient of matrix products by one that transposes its operands beforehand: the CPU
 * back ends multiply transposed operands ten times slower (docs/decisions/0002-convolution-gradients.md).
 * Safe to call more than once.
 */
export function registerMatMulGradient(): void {
  replaceGradient({
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved, attrs) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      const upstream = dy as tf.Tensor;
      const { transposeA, transposeB } = attrs as unknown as Record<string, boolean>;
      // y = A B with A, B as they enter the product
      const left = transposeA ? transposed(a) : a;
      const right = transposeB ? transposed(b) : b;
      const dLeft = (): tf.Tensor => tf.matMul(upstream, transposed(right));
      const dRight = (): tf.Tensor => tf.matMul(transposed(left), upstream);
      return {
        a: () => (transposeA ? transposed(dLeft()) : dLeft()),
        b: () => (transposeB ? transposed(dRight()) : dRight()),
      };
    },
  });
}
