/**
 * Forward and backward pass with TensorFlow.js' own gradients, and the same with ours, on the wasm back
 * end. It has no gradient of a convolution's filter, so both leave the kernels out: what is differentiated
 * are the images, gamma and beta, and the head.
 */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { forward } from 'emotion-cam/network';
import { slotView } from '../../packages/trainer/dist/arena.js';
import { initialiseBackend } from '../../packages/trainer/dist/backend.js';
import { trainingLayers } from '../../packages/trainer/dist/gradients/training-layers.js';
import { crossEntropy } from '../../packages/trainer/dist/losses.js';
import { stockLayers } from './stock-layers.mjs';
import { trainingInput } from './training-input.mjs';

const fromTrainer = createRequire(new URL('../../packages/trainer/package.json', import.meta.url));
const tf = fromTrainer('@tensorflow/tfjs-core');

/** @param {'stock' | 'ours'} implementation whether the wasm back end stays as it comes */
export async function start(implementation) {
  if (implementation === 'ours') return initialiseBackend('wasm');
  fromTrainer('@tensorflow/tfjs');
  const { setWasmPaths } = fromTrainer('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(fromTrainer.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  await tf.setBackend('wasm');
  await tf.ready();
}

/** @param {{ implementation: 'stock' | 'ours', width: number, imageSize: number, batch: number }} task */
export async function measure({ implementation, ...task }) {
  const { config, layout, arena, batch } = trainingInput(task);
  const slots = layout.slots.filter(({ kind }) => kind !== 'statistic');
  const tensors = slots.map((slot) => tf.tensor(slotView(arena, slot), [...slot.shape]));
  const isDifferentiated = ({ name, kind }) =>
    kind !== 'centre' && !/^(stem|stage).*\.weight$/.test(name);
  const images = tf.tensor(batch.images, [task.batch, task.imageSize, task.imageSize, 3]);
  const targets = tf.tensor(batch.targets, [task.batch, batch.targets.length / task.batch]);
  const free = tensors.filter((_, index) => isDifferentiated(slots[index]));
  const layersOf = implementation === 'stock' ? stockLayers : trainingLayers;
  const began = performance.now();
  const { value, grads } = tf.valueAndGrads((input, ...values) => {
    let next = 0;
    const weights = Object.fromEntries(
      slots.map((slot, index) => [
        slot.name,
        isDifferentiated(slot) ? values[next++] : tensors[index],
      ]),
    );
    const layers = layersOf(weights);
    const { logits } = forward(input, layers, config.network);
    const kept = [...(layers.statistics?.values() ?? [])];
    tf.dispose(kept.flatMap(({ mean, variance }) => [mean, variance]));
    return crossEntropy(logits, targets);
  })([images, ...free]);
  await value.data();
  const milliseconds = performance.now() - began;
  tf.dispose([value, grads, tensors, images, targets]);
  return milliseconds;
}
