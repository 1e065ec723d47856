import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from './config.js';
import { decompose } from './decomposition.js';
import { inferenceLayers, type Layers } from './layers.js';
import { reconstruct } from './reconstruction.js';
import { backbone } from './resnet.js';
import { weight, type Weights } from './weights.js';

/** Everything that training, Grad-CAM and inference read from one pass. */
export interface NetworkOutputs {
  /** Scores before softmax, [N,K]. */
  readonly logits: tf.Tensor2D;
  /** The last convolution's map, [N,S/32,S/32,p]. */
  readonly featureMap: tf.Tensor4D;
  /** l, [N,M,D]; only with the FDRL head. */
  readonly latents?: tf.Tensor3D;
  /** alpha, [N,M]; only with the FDRL head. */
  readonly alphas?: tf.Tensor2D;
}

/** [N,Cin] -> [N,Cout]. */
function dense(x: tf.Tensor2D, weights: Weights, name: string): tf.Tensor2D {
  return tf.add(
    tf.matMul(x, weight(weights, `${name}.weight`) as tf.Tensor2D),
    weight(weights, `${name}.bias`),
  );
}

/**
 * FDRL-ECANet (paper, figure 3): ECA-ResNet-18, feature decomposition, feature reconstruction,
 * expression prediction. The mode is that of `layers`.
 *
 * @param images - normalised RGB, [N,S,S,3]; S need not be `config.inputSize`
 */
export function forward(
  images: tf.Tensor4D,
  layers: Layers,
  config: NetworkConfig,
): NetworkOutputs {
  const featureMap = backbone(images, layers, config);
  return { featureMap, ...head(layers.globalAveragePool(featureMap), layers.weights, config) };
}

/**
 * The part after global average pooling: FDRL and the expression prediction network, or one FC layer.
 *
 * @param features - x, [N,p]
 */
export function head(
  features: tf.Tensor2D,
  weights: Weights,
  config: NetworkConfig,
): Omit<NetworkOutputs, 'featureMap'> {
  if (config.head === 'linear') return { logits: dense(features, weights, 'linear') };
  const latents = decompose(features, weights, config);
  const { alphas, expression } = reconstruct(latents, weights, config);
  return { logits: dense(expression, weights, 'epn'), latents, alphas };
}

/**
 * Logits of a batch with stored weights.
 *
 * @param images - normalised RGB, [N,S,S,3]
 * @returns [N,7] in the order of `EMOTIONS`; the caller disposes of it
 */
export function infer(images: tf.Tensor4D, weights: Weights, config: NetworkConfig): tf.Tensor2D {
  return tf.tidy(() => forward(images, inferenceLayers(weights), config).logits);
}
