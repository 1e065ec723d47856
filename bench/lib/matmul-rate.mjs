import * as tf from '@tensorflow/tfjs-core';

const ROUNDS = 5;

/**
 * What the card reaches in a large float32 matrix product, TensorFlow.js' on WebGPU.
 *
 * @param {number} side of the matrices
 * @returns {Promise<number>} multiplications and additions a second, of the quickest round
 */
export async function matmulRate(side) {
  globalThis.OffscreenCanvas ??= class {}; // the back end asks whether a canvas is one
  await import('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend('webgpu');
  const [a, b] = [1, 2].map((seed) => tf.randomUniform([side, side], -1, 1, 'float32', seed));
  let least = Infinity;
  for (let round = 0; round <= ROUNDS; round++) {
    const began = performance.now();
    const product = tf.matMul(a, b);
    const corner = tf.slice(product, [0, 0], [1, 1]);
    await corner.data();
    if (round > 0) least = Math.min(least, performance.now() - began); // the first one compiles
    tf.dispose([product, corner]);
  }
  tf.dispose([a, b]);
  return (2 * side ** 3) / (least / 1000);
}
