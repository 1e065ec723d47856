import { meanCrossEntropy } from './probabilities.js';

/** Temperatures that are searched: far beyond what a trained network needs. */
const LOWEST = 0.1;
const HIGHEST = 10;

/** The search ends when the logarithm of the temperature is known this well. */
const TOLERANCE = 1e-4;

/**
 * The temperature whose softmax(logits / T) explains the labels best: the one parameter of
 * temperature scaling (Guo et al. 2017, "On calibration of modern neural networks"). It moves no
 * prediction, only its confidence. The mean cross entropy has one minimum in T, found by
 * golden-section search.
 *
 * @param logits - [N,K], row by row
 * @param labels - [N]
 * @returns T, above 1 where the network was too sure
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: readonly number[],
  classes: number,
): number {
  const loss = (logT: number): number => meanCrossEntropy(logits, labels, classes, Math.exp(logT));
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(LOWEST), Math.log(HIGHEST)];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [lossLeft, lossRight] = [loss(left), loss(right)];
  while (high - low > TOLERANCE) {
    if (lossLeft < lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - ratio * (high - low);
      lossLeft = loss(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + ratio * (high - low);
      lossRight = loss(right);
    }
  }
  return Math.exp((low + high) / 2);
}
