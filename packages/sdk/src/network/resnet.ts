import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from './config.js';
import { efficientChannelAttention } from './eca.js';
import type { Layers } from './layers.js';
import { blockSpecs, stemSpec, type BlockSpec } from './weights.js';

/**
 * A basic block of ResNet-18 with ECA before the addition (paper, 3.2):
 * conv3x3-BN-ReLU-conv3x3-BN-ECA-(+shortcut)-ReLU.
 *
 * @param x - [N,H,W,Cin]
 * @returns [N,H/stride,W/stride,Cout]
 */
function residualBlock(
  x: tf.Tensor4D,
  layers: Layers,
  block: BlockSpec,
  config: NetworkConfig,
): tf.Tensor4D {
  let y = layers.convolution(x, block.conv1, 'relu');
  y = layers.convolution(y, block.conv2, 'linear');
  if (config.attention === 'eca') y = efficientChannelAttention(y, layers, `${block.name}.eca`);
  const shortcut = block.shortcut ? layers.convolution(x, block.shortcut, 'linear') : x;
  return tf.relu(tf.add(y, shortcut));
}

/**
 * ECA-ResNet-18 up to its last convolution (paper, 3.2.2).
 *
 * @param images - normalised RGB, [N,S,S,3]
 * @returns the feature map, [N,S/32,S/32,512]: 7x7 at 224
 */
export function backbone(images: tf.Tensor4D, layers: Layers, config: NetworkConfig): tf.Tensor4D {
  let x = layers.maxPool(layers.convolution(images, stemSpec(config), 'relu')); // [N,S/4,S/4,64]
  for (const block of blockSpecs(config)) x = residualBlock(x, layers, block, config);
  return x;
}
