import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross entropy against a distribution over the classes, mean over the batch (L_cls).
 *
 * @param logits - [N,K]
 * @param targets - [N,K], each row sums to 1
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const withGradient = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [scores, goal, save] = args as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    const shifted = tf.sub(scores, tf.max(scores, 1, true));
    const logSoftmax = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    save([logSoftmax, goal]);
    const n = scores.shape[0];
    return {
      value: tf.div(tf.neg(tf.sum(tf.mul(goal, logSoftmax))), n),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [logProbabilities, target] = saved as [tf.Tensor2D, tf.Tensor2D];
        const difference = tf.sub(tf.exp(logProbabilities), target); // softmax - t
        return [tf.mul(difference, tf.div(dy, n)), tf.zerosLike(target)];
      },
    };
  });
  return withGradient(logits, targets) as tf.Scalar;
}

/**
 * Binary cross entropy of attributes that hold or do not, mean over the batch and the attributes.
 *
 * @param logits - [N,K]
 * @param targets - 0..1, [N,K]
 */
export function binaryCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const withGradient = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [scores, goal, save] = args as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    // -t log s(x) - (1 - t) log(1 - s(x)) = max(x, 0) - x t + log(1 + exp(-|x|)), never infinite
    const each = tf.add(
      tf.sub(tf.relu(scores), tf.mul(scores, goal)),
      tf.log1p(tf.exp(tf.neg(tf.abs(scores)))),
    );
    save([scores, goal]);
    return {
      value: tf.div(tf.sum(each), scores.size),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, target] = saved as [tf.Tensor2D, tf.Tensor2D];
        const difference = tf.sub(tf.sigmoid(x), target);
        return [tf.mul(difference, tf.div(dy, x.size)), tf.zerosLike(target)];
      },
    };
  });
  return withGradient(logits, targets) as tf.Scalar;
}

/**
 * Cross entropy against a teacher, both at temperature T, times T^2: its gradient then keeps its size
 * whatever T is (Hinton et al. 2015, section 2).
 *
 * @param logits - of the network that learns, [N,K]
 * @param taught - the teacher's probabilities at T, [N,K]
 */
export function distillationLoss(
  logits: tf.Tensor2D,
  taught: tf.Tensor2D,
  temperature: number,
): tf.Scalar {
  const softened: tf.Tensor2D = tf.div(logits, temperature);
  return tf.mul(crossEntropy(softened, taught), temperature * temperature);
}

/**
 * L_C, compactness (paper, equation 7): 1/N sum_i sum_j |l_ij - c_j|^2.
 *
 * @param latents - l, [N,M,D]
 * @param centres - c, trainable, [M,D]
 */
export function compactnessLoss(latents: tf.Tensor3D, centres: tf.Tensor2D): tf.Scalar {
  const distance2 = tf.sum(tf.square(tf.sub(latents, tf.expandDims(centres, 0))));
  return tf.div(distance2, latents.shape[0]);
}

/**
 * L_D, distribution (paper, equation 8): 1/N sum_i |w_i - w_{k_i}|^2, w_i = [alpha_i1 .. alpha_iM].
 * With a distribution as the label the centre is the mean of the class centres under it.
 *
 * @param alphas - w, [N,M]
 * @param centres - one for each class, trainable, [K,M]
 * @param targets - one-hot or a distribution, [N,K]
 */
export function distributionLoss(
  alphas: tf.Tensor2D,
  centres: tf.Tensor2D,
  targets: tf.Tensor2D,
): tf.Scalar {
  const distance2 = tf.sum(tf.square(tf.sub(alphas, tf.matMul(targets, centres))));
  return tf.div(distance2, alphas.shape[0]);
}
