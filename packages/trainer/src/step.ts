import * as tf from '@tensorflow/tfjs-core';
import {
  CLASS_COUNT,
  forward,
  infer,
  type NamedArray,
  type NetworkConfig,
  type Weights,
} from 'emotion-cam/network';
import { CLASS_CENTRES, LATENT_CENTRES, slotView, type ArenaLayout } from './arena.js';
import type { TrainingConfig } from './config.js';
import { trainingLayers } from './gradients/training-layers.js';
import { argmaxRows } from './probabilities.js';
import { compactnessLoss, crossEntropy, distributionLoss } from './losses.js';

/** One batch, ready for the network. */
export interface Batch {
  /** Normalised RGB, [N,S,S,3]. */
  readonly images: Float32Array;
  /** Distribution over the classes, [N,K]. */
  readonly targets: Float32Array;
  readonly count: number;
  readonly imageSize: number;
}

/** Means over a batch of the terms of the joint loss, before their factors, and the hits. */
export interface StepResult {
  readonly loss: number;
  readonly classification: number;
  readonly compactness: number;
  readonly distribution: number;
  readonly correct: number;
  readonly count: number;
}

/** Momentum of the running statistics (PyTorch's default 0.1, as the mass of the new value). */
export const STATISTICS_MOMENTUM = 0.1;

/**
 * Forward and backward pass of one batch: reads the arena, writes the gradient of every trainable
 * value and the batch's statistics.
 *
 * @param arena - parameters and running statistics, by `layout`
 * @param gradient - written: dL/dp for `[0, layout.trainable)`
 * @param statistics - written: the batch's mean and unbiased variance, `[trainable, total)`
 */
export function trainingStep(
  batch: Batch,
  arena: Float32Array,
  layout: ArenaLayout,
  config: TrainingConfig,
  gradient: Float32Array,
  statistics: Float32Array,
): StepResult {
  const { count, imageSize } = batch;
  const slots = layout.slots.filter((slot) => slot.kind !== 'statistic');
  const parameters = slots.map((slot) => tf.tensor(slotView(arena, slot), [...slot.shape]));
  const images = tf.tensor4d(batch.images, [count, imageSize, imageSize, 3]);
  const targets = tf.tensor2d(batch.targets, [count, CLASS_COUNT]);
  const kept: tf.Tensor[] = [];
  const keep = <T extends tf.Tensor>(tensor: T): T => {
    kept.push(tf.keep(tensor));
    return tensor;
  };
  let terms: { logits: tf.Tensor; classification: tf.Tensor; c?: tf.Tensor; d?: tf.Tensor };
  let batchStatistics: ReturnType<typeof trainingLayers>['statistics'];

  const jointLoss = (...values: tf.Tensor[]): tf.Scalar => {
    const weights: Weights = Object.fromEntries(
      slots.map((slot, index) => [slot.name, values[index]!]),
    );
    const layers = trainingLayers(weights);
    const outputs = forward(images, layers, config.network);
    batchStatistics = layers.statistics;
    const { labelSmoothing, compactness, distribution } = config.losses;
    const smooth: tf.Tensor2D = tf.add(
      tf.mul(targets, 1 - labelSmoothing),
      labelSmoothing / CLASS_COUNT,
    );
    const classification = keep(crossEntropy(outputs.logits, smooth));
    terms = { logits: keep(outputs.logits), classification };
    if (!outputs.latents || !outputs.alphas) return classification;
    const centres = weights as Record<string, tf.Tensor2D>;
    terms.c = keep(compactnessLoss(outputs.latents, centres[LATENT_CENTRES]!));
    terms.d = keep(distributionLoss(outputs.alphas, centres[CLASS_CENTRES]!, targets));
    return tf.add(
      classification,
      tf.add(tf.mul(terms.c, compactness), tf.mul(terms.d, distribution)),
    );
  };

  const { value, grads } = tf.valueAndGrads(jointLoss)(parameters);
  grads.forEach((tensor, index) => {
    slotView(gradient, slots[index]!).set(tensor.dataSync<'float32'>());
  });
  const unbias = (rows: number): number => rows / Math.max(1, rows - 1);
  for (const slot of layout.slots) {
    if (slot.kind !== 'statistic') continue;
    const cut = slot.name.lastIndexOf('.');
    const layer = slot.name.slice(0, cut);
    const { mean, variance, rows } = batchStatistics!.get(layer)!;
    const target = slotView(statistics, slot);
    const isMean = slot.name.endsWith('.mean');
    target.set((isMean ? mean : variance).dataSync<'float32'>());
    if (!isMean) for (let i = 0; i < target.length; i++) target[i]! *= unbias(rows);
  }
  const read = (tensor: tf.Tensor | undefined): number => tensor?.dataSync()[0] ?? 0;
  const result: StepResult = {
    loss: read(value),
    classification: read(terms!.classification),
    compactness: read(terms!.c),
    distribution: read(terms!.d),
    correct: countHits(terms!.logits.dataSync<'float32'>(), batch.targets),
    count,
  };
  const statisticTensors = [...batchStatistics!.values()].flatMap((s) => [s.mean, s.variance]);
  tf.dispose([value, grads, kept, parameters, images, targets, statisticTensors]);
  return result;
}

/** Rows whose largest logit is at the target's largest share. */
function countHits(logits: Float32Array, targets: Float32Array): number {
  const truth = argmaxRows(targets, CLASS_COUNT);
  return argmaxRows(logits, CLASS_COUNT).filter((label, row) => label === truth[row]).length;
}

/** Logits of batches with folded weights, as a model file holds them. */
export class Evaluator {
  readonly #weights: Weights;
  readonly #network: NetworkConfig;

  constructor(weights: readonly NamedArray[], network: NetworkConfig) {
    this.#network = network;
    this.#weights = Object.fromEntries(
      weights.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])]),
    );
  }

  /** @returns logits, [N,K] */
  logits(images: Float32Array, count: number, imageSize: number): Float32Array {
    const input = tf.tensor4d(images, [count, imageSize, imageSize, 3]);
    const output = infer(input, this.#weights, this.#network);
    const values = output.dataSync<'float32'>().slice();
    tf.dispose([input, output]);
    return values;
  }

  dispose(): void {
    tf.dispose(Object.values(this.#weights));
  }
}
