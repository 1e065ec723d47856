import * as tf from '@tensorflow/tfjs-core';
import {
  backboneFeatures,
  forward,
  head,
  infer,
  weight,
  type NamedArray,
  type NetworkConfig,
  type NetworkOutputs,
  type Weights,
} from 'emotion-cam/network';
import { CLASS_CENTRES, LATENT_CENTRES, slotView, type ArenaLayout } from './arena.js';
import type { TrainingConfig } from './config.js';
import { TrainerError } from './errors.js';
import { isOfBackbone, nativeFeatures } from './gradients/native-backbone.js';
import { trainingLayers, type TrainingLayers } from './gradients/training-layers.js';
import { argmaxRows, softmaxRows } from './probabilities.js';
import { nativeInUse } from './native.js';
import {
  binaryCrossEntropy,
  compactnessLoss,
  crossEntropy,
  distillationLoss,
  distributionLoss,
} from './losses.js';
import { taskOf, type Task } from './task.js';

/** One batch, ready for the network. */
export interface Batch {
  /** Normalised RGB, [N,S,S,3]. */
  readonly images: Float32Array;
  /** Distribution over the classes, or 0 and 1 for each attribute, [N,K]. */
  readonly targets: Float32Array;
  readonly count: number;
  readonly imageSize: number;
  /** The same images as a teacher sees them, [N,S',S',3]. */
  readonly teacherImages?: Float32Array;
  /** What the teacher says of them, [N,K]. */
  readonly teacherLogits?: Float32Array;
}

/** Means over a batch of the terms of the joint loss, before their factors, and the hits. */
export interface StepResult {
  readonly loss: number;
  readonly classification: number;
  readonly compactness: number;
  readonly distribution: number;
  /** 0 without a teacher. */
  readonly distillation: number;
  readonly correct: number;
  readonly count: number;
}

/** Momentum of the running statistics (PyTorch's default 0.1, as the mass of the new value). */
export const STATISTICS_MOMENTUM = 0.1;

/** Tensors of one forward pass that are read after the backward pass. */
interface PassOutputs {
  readonly logits: tf.Tensor2D;
  readonly classification: tf.Scalar;
  readonly compactness: tf.Scalar | undefined;
  readonly distribution: tf.Scalar | undefined;
  readonly distillation: tf.Scalar | undefined;
}

/**
 * The joint loss of a batch (paper, 3.3.4), and the outputs that it was made of, kept. With a teacher
 * a share of L_cls is the distillation loss.
 *
 * @param taught - the teacher's probabilities at the configured temperature, [N,K]
 */
function jointLoss(
  { logits, latents, alphas }: Omit<NetworkOutputs, 'featureMap'>,
  targets: tf.Tensor2D,
  taught: tf.Tensor2D | undefined,
  weights: Weights,
  config: TrainingConfig,
): { loss: tf.Scalar; outputs: PassOutputs } {
  const factors = config.losses;
  const isOneOf = taskOf(config) === 'expression';
  const choices = isOneOf ? logits.shape[1] : 2; // an attribute holds or does not
  const smooth: tf.Tensor2D = tf.add(
    tf.mul(targets, 1 - factors.labelSmoothing),
    factors.labelSmoothing / choices,
  );
  const classification = tf.keep(
    isOneOf ? crossEntropy(logits, smooth) : binaryCrossEntropy(logits, smooth),
  );
  const { temperature, weight: share } = config.distillation;
  const distillation = taught && tf.keep(distillationLoss(logits, taught, temperature));
  const labelled: tf.Scalar = distillation
    ? tf.add(tf.mul(classification, 1 - share), tf.mul(distillation, share))
    : classification;
  const common = { logits: tf.keep(logits), classification, distillation };
  if (!latents || !alphas) {
    const outputs = { ...common, compactness: undefined, distribution: undefined };
    return { loss: labelled, outputs };
  }
  const centre = (name: string): tf.Tensor2D => weight(weights, name) as tf.Tensor2D;
  const compactness = tf.keep(compactnessLoss(latents, centre(LATENT_CENTRES)));
  const distribution = tf.keep(distributionLoss(alphas, centre(CLASS_CENTRES), targets));
  const loss: tf.Scalar = tf.add(
    labelled,
    tf.add(tf.mul(compactness, factors.compactness), tf.mul(distribution, factors.distribution)),
  );
  return { loss, outputs: { ...common, compactness, distribution } };
}

/**
 * Forward and backward pass of one batch: reads the arena, writes the gradient of every trainable
 * value and the batch's statistics. On the native back end the backbone is the compiled module's,
 * and TensorFlow.js differentiates the head and the losses down to the features.
 *
 * @param arena - parameters and running statistics, by `layout`
 * @param gradient - written: dL/dp for `[0, layout.trainable)`
 * @param statistics - written: the batch's mean and unbiased variance, `[trainable, total)`
 * @throws {TrainerError} `backend-unavailable` for bfloat16 on another back end than native
 */
export async function trainingStep(
  batch: Batch,
  arena: Float32Array,
  layout: ArenaLayout,
  config: TrainingConfig,
  gradient: Float32Array,
  statistics: Float32Array,
): Promise<StepResult> {
  const { count, imageSize } = batch;
  const { network } = config;
  const native = nativeInUse();
  requirePrecision(config.precision, native !== undefined);
  const slots = layout.slots.filter(
    ({ kind, name }) => kind !== 'statistic' && !(native && isOfBackbone(name, network)),
  );
  const parameters = slots.map((slot) => tf.tensor(slotView(arena, slot), [...slot.shape]));
  const input = native
    ? tf.tensor2d(nativeFeatures(native, batch, arena, layout, config, statistics), [
        count,
        backboneFeatures(network),
      ])
    : tf.tensor4d(batch.images, [count, imageSize, imageSize, 3]);
  const outputCount = batch.targets.length / count;
  const targets = tf.tensor2d(batch.targets, [count, outputCount]);
  const taught = taughtBy(batch, config.distillation.temperature, outputCount);
  let outputs: PassOutputs | undefined;
  let byLayer: TrainingLayers['statistics'] = new Map();
  const passOf = (weights: Weights, features: tf.Tensor | undefined): ReturnType<typeof head> => {
    if (features) return head(features as tf.Tensor2D, weights, network);
    const layers = trainingLayers(weights);
    byLayer = layers.statistics;
    return forward(input as tf.Tensor4D, layers, network);
  };
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
    const named = slots.map((slot, index) => [slot.name, values[index]!] as const);
    const weights = Object.fromEntries(named);
    const pass = jointLoss(passOf(weights, values[slots.length]), targets, taught, weights, config);
    outputs = pass.outputs;
    return pass.loss;
  })(native ? [...parameters, input] : parameters);
  if (!outputs) throw new Error('tf.valueAndGrads did not run its function');

  await Promise.all(
    slots.map(async (slot, index) => {
      slotView(gradient, slot).set(await grads[index]!.data<'float32'>());
    }),
  );
  if (native) {
    native.backboneBackward(arena, await grads[slots.length]!.data<'float32'>(), gradient);
  } else {
    await readStatistics(byLayer, layout, statistics);
  }
  const read = async (tensor: tf.Scalar | undefined): Promise<number> =>
    tensor ? (await tensor.data())[0]! : 0;
  const result: StepResult = {
    loss: await read(value),
    classification: await read(outputs.classification),
    compactness: await read(outputs.compactness),
    distribution: await read(outputs.distribution),
    distillation: await read(outputs.distillation),
    correct: countHits(await outputs.logits.data<'float32'>(), batch, taskOf(config)),
    count,
  };
  const { logits, classification, compactness, distribution, distillation } = outputs;
  const batchStatistics = [...byLayer.values()].flatMap((s) => [s.mean, s.variance]);
  tf.dispose([value, grads, parameters, input, targets, taught ?? [], batchStatistics]);
  tf.dispose([logits, classification, compactness ?? [], distribution ?? [], distillation ?? []]);
  return result;
}

/** The teacher's probabilities at a temperature, [N,K]. */
function taughtBy(
  { teacherLogits, count }: Batch,
  temperature: number,
  outputs: number,
): tf.Tensor2D | undefined {
  if (!teacherLogits) return undefined;
  const probabilities = softmaxRows(teacherLogits, outputs, temperature);
  return tf.tensor2d(Float32Array.from(probabilities), [count, outputs]);
}

/** Only the compiled module computes in bfloat16. */
export function requirePrecision(precision: TrainingConfig['precision'], isNative: boolean): void {
  if (precision === 'float32' || isNative) return;
  throw new TrainerError(
    'backend-unavailable',
    `The precision ${precision} needs the native back end (npm run build:native). ` +
      'Use --backend native, or --precision float32.',
  );
}

/** Writes the batch's means and unbiased variances to their slots. */
async function readStatistics(
  byLayer: TrainingLayers['statistics'],
  layout: ArenaLayout,
  out: Float32Array,
): Promise<void> {
  const reads = [...byLayer].map(async ([layer, { mean, variance, rows }]) => {
    const unbiased = rows / Math.max(1, rows - 1);
    return [
      [`${layer}.mean`, await mean.data<'float32'>()],
      [`${layer}.variance`, (await variance.data<'float32'>()).map((v) => v * unbiased)],
    ] as const;
  });
  const values = new Map<string, Float32Array>((await Promise.all(reads)).flat());
  for (const slot of layout.slots) {
    if (slot.kind === 'statistic') slotView(out, slot).set(values.get(slot.name)!);
  }
}

/**
 * Rows whose largest logit is at the target's largest share; of attributes, where a logit above 0
 * says yes, each row counts as the share of those that are right.
 */
function countHits(logits: Float32Array, { targets, count }: Batch, task: Task): number {
  const outputs = targets.length / count;
  if (task === 'attributes') {
    return targets.filter((target, i) => target > 0.5 === logits[i]! > 0).length / outputs;
  }
  const truth = argmaxRows(targets, outputs);
  return argmaxRows(logits, outputs).filter((label, row) => label === truth[row]).length;
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
  async logits(images: Float32Array, count: number, imageSize: number): Promise<Float32Array> {
    const input = tf.tensor4d(images, [count, imageSize, imageSize, 3]);
    const output = infer(input, this.#weights, this.#network);
    const values = await output.data<'float32'>();
    tf.dispose([input, output]);
    return values;
  }

  dispose(): void {
    tf.dispose(Object.values(this.#weights));
  }
}
