import * as tf from '@tensorflow/tfjs-core';
import { samePadding, weight, type Layers, type Weights } from 'emotion-cam/network';
import { batchNormTraining, type BatchStatistics } from './batch-norm.js';
import { channelConvolution, globalAveragePool, scaleChannels } from './channels.js';
import { convolution } from './convolution.js';

/** Layers of the training mode, and the batch statistics that they met on the way. */
export interface TrainingLayers extends Layers {
  /** By layer name; kept tensors that the caller disposes of. */
  readonly statistics: Map<string, BatchStatistics>;
}

/** The network's layers with batch statistics and gradients that every back end computes fast. */
export function trainingLayers(weights: Weights): TrainingLayers {
  const statistics = new Map<string, BatchStatistics>();
  return {
    weights,
    statistics,
    convolution(x, spec, activation) {
      const filter = weight(weights, `${spec.name}.weight`) as tf.Tensor4D;
      const isFirst = spec.name === 'stem';
      const linear = convolution(x, filter, spec.stride, samePadding(spec.kernelSize), {
        inputGradient: !isFirst,
      });
      const normalised = batchNormTraining(
        linear,
        weight(weights, `${spec.name}.gamma`) as tf.Tensor1D,
        weight(weights, `${spec.name}.beta`) as tf.Tensor1D,
        activation,
      );
      statistics.set(spec.name, normalised.statistics);
      return normalised.y;
    },
    maxPool: (x) => tf.maxPool(x, 3, 2, 1),
    globalAveragePool,
    channelConvolution,
    scaleChannels,
  };
}
