/** One training step of one worker, timed part by part. */
import { decayMask } from '../../packages/trainer/dist/arena.js';
import { initialiseBackend } from '../../packages/trainer/dist/backend.js';
import { BatchRenderer } from '../../packages/trainer/dist/batch-renderer.js';
import { nativeInUse } from '../../packages/trainer/dist/native.js';
import { adamUpdate } from '../../packages/trainer/dist/optimizer.js';
import { trainingStep } from '../../packages/trainer/dist/step.js';
import { outputsOf } from '../../packages/trainer/dist/task.js';
import { generatedImages, trainingInput } from './training-input.mjs';

/** Milliseconds in calls of the compiled module since the last step began. */
const inside = { forward: 0, backward: 0 };

export async function start(backend) {
  await initialiseBackend(backend);
  const native = nativeInUse();
  if (!native) return;
  for (const [part, name] of [
    ['forward', 'backboneForward'],
    ['backward', 'backboneBackward'],
  ]) {
    const run = native[name].bind(native);
    native[name] = (...args) => {
      const began = performance.now();
      run(...args);
      inside[part] += performance.now() - began;
    };
  }
}

const timed = async (run) => {
  const began = performance.now();
  await run();
  return performance.now() - began;
};

/**
 * @param {{ width: number, imageSize: number, batch: number, precision?: string }} task
 * @returns milliseconds of the whole step; on native also of its parts
 */
export async function measure(task) {
  const { config, layout, arena, written, batch } = trainingInput(task);
  const { items, renderer, share } = itemsOf(task, config);
  const plan = {
    items,
    imageSize: task.imageSize,
    augmentation: config.augmentation,
    stream: [0],
  };
  const rendering = await timed(() => renderer.take(plan, share));
  Object.assign(inside, { forward: 0, backward: 0 });
  const convolutionsBefore = nativeInUse()?.convolutionSeconds() ?? 0;
  const gradients = await timed(() => trainingStep(batch, arena, layout, config, written, written));
  const state = stateOf(layout, config, arena, written);
  const optimiser = await timed(() => {
    const options = { step: 1, learningRate: 1e-3, averageDecay: 0, from: 0, to: layout.trainable };
    adamUpdate(state, config.optimizer, options);
  });
  const total = rendering + gradients + optimiser;
  const native = nativeInUse();
  if (!native) return { total };
  const convolutions = 1000 * (native.convolutionSeconds() - convolutionsBefore);
  return {
    total,
    convolutions,
    betweenConvolutions: inside.forward + inside.backward - convolutions,
    headAndLosses: gradients - inside.forward - inside.backward,
    rendering,
    optimiser,
  };
}

function itemsOf({ batch }, config) {
  const renderer = new BatchRenderer();
  const outputs = outputsOf(config);
  renderer.setImages('generated', generatedImages(batch, outputs));
  const items = Array.from({ length: batch }, (_, index) => ({
    slot: 'generated',
    index,
    stream: [index],
  }));
  return { renderer, items, share: { seed: 1, worker: 0, outputs } };
}

function stateOf(layout, config, parameters, gradient) {
  const zeros = () => new Float32Array(layout.trainable).fill(0);
  const decay = zeros();
  decayMask(layout, config.losses.weightDecay, decay);
  return { parameters, moment1: zeros(), moment2: zeros(), decay, gradients: [gradient] };
}
