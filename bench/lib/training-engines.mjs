/**
 * A training step of FDRL-ECANet on WebGPU by this project and by TensorFlow.js, on whatever `navigator.gpu`
 * is: a counting device, or Dawn. Both learn from generated images, by the joint loss and Adam.
 */
import * as tf from '@tensorflow/tfjs-core';
import { forward } from '../../packages/sdk/dist/network/index.js';
import { CLASS_CENTRES, LATENT_CENTRES, slotView } from '../../packages/trainer/dist/arena.js';
import { BatchRenderer } from '../../packages/trainer/dist/batch-renderer.js';
import { compactnessLoss, distributionLoss } from '../../packages/trainer/dist/losses.js';
import { outputsOf, taskOf } from '../../packages/trainer/dist/task.js';
import { PlannedTraining } from '../../packages/trainer/dist/webgpu/planned-training.js';
import { openTrainingDevice } from '../../packages/trainer/dist/webgpu/training-device.js';
import { stockLayers } from './stock-layers.mjs';
import { generatedImages, trainingInput } from './training-input.mjs';

/** @typedef {{ width: number, imageSize: number, batch: number }} Task */
/**
 * @typedef {object} TrainingEngine
 * @property {(number: number) => Promise<void>} step one step, from 1 on; it may be under way afterwards
 * @property {() => Promise<number>} finish waits for all steps; the last one's loss
 */

const LEARNING_RATE = 1e-4;

/** With all that a run does on the calling thread: chance is drawn, images are gathered. @param {Task} task */
async function ours(task) {
  const { config, layout, arena } = trainingInput(task);
  const outputs = outputsOf(config);
  const moments = () => new Float32Array(layout.trainable);
  const shared = { arena, moment1: moments(), moment2: moments(), gradients: [] };
  const device = await openTrainingDevice(navigator.gpu);
  const setup = { device, config, layout, task: taskOf(config), outputs, shared };
  const training = new PlannedTraining(setup);
  const renderer = new BatchRenderer();
  renderer.setImages('generated', generatedImages(task.batch, outputs));
  const share = { seed: 1, worker: 0, outputs };
  return {
    async step(number) {
      const items = Array.from({ length: task.batch }, (_, index) => ({
        ...{ slot: 'generated', index, stream: [number, index] },
      }));
      const { imageSize } = task;
      const { augmentation } = config;
      const plan = { items, imageSize, augmentation, stream: [number] };
      const numbers = { step: number, learningRate: LEARNING_RATE, averageDecay: 0 };
      await training.step(renderer.list(plan, share), numbers);
    },
    finish: async () => (await training.settle()).at(-1)?.loss,
  };
}

/** With its own gradients and optimiser; images are rendered before, and statistics not kept. @param {Task} task */
async function tensorflow(task) {
  globalThis.OffscreenCanvas ??= class {}; // the back end asks whether a canvas is one
  await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend('webgpu');
  const { config, layout, arena, batch } = trainingInput(task);
  const slots = layout.slots.filter(({ kind }) => kind !== 'statistic');
  const weights = Object.fromEntries(
    slots.map((slot) => [
      slot.name,
      tf.variable(tf.tensor(slotView(arena, slot), [...slot.shape]), true, slot.name),
    ]),
  );
  const optimizer = tf.train.adam(LEARNING_RATE);
  const { compactness, distribution } = config.losses;
  const targets = tf.tensor2d(batch.targets, [task.batch, batch.targets.length / task.batch]);
  const layers = {
    ...stockLayers(weights),
    globalAveragePool: (x) => tf.mean(x, [1, 2]),
  };
  let last;
  return {
    async step() {
      const { imageSize } = task;
      const images = tf.tensor4d(batch.images, [task.batch, imageSize, imageSize, 3]);
      last?.dispose();
      last = optimizer.minimize(
        () => {
          const { logits, latents, alphas } = forward(images, layers, config.network);
          return tf.addN([
            tf.losses.softmaxCrossEntropy(targets, logits),
            tf.mul(compactnessLoss(latents, weights[LATENT_CENTRES]), compactness),
            tf.mul(distributionLoss(alphas, weights[CLASS_CENTRES], targets), distribution),
          ]);
        },
        true,
        Object.values(weights),
      );
      images.dispose();
    },
    finish: async () => (await last.data())[0],
  };
}

/** @type {Record<string, (task: Task) => Promise<TrainingEngine>>} */
export const TRAINING_ENGINES = { 'emotion-cam': ours, 'TensorFlow.js': tensorflow };
