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

/** Of the last task: memory that is used for the first time takes longer. */
let prepared = { key: '' };

/**
 * The second of two steps.
 *
 * @param {{ width: number, imageSize: number, batch: number, precision?: string }} task
 * @returns milliseconds of the whole step; on native also of its parts
 */
export async function measure(task) {
  const key = JSON.stringify(task);
  if (prepared.key !== key) prepared = { key, ...prepare(task) };
  await step(prepared);
  return step(prepared);
}

function prepare(task) {
  const input = trainingInput(task);
  return { ...input, ...itemsOf(task, input.config), state: stateOf(input) };
}

async function step({ config, layout, arena, written, batch, plan, renderer, share, state }) {
  const rendering = await timed(() => renderer.take(plan, share));
  Object.assign(inside, { forward: 0, backward: 0 });
  const native = nativeInUse();
  const convolutionsBefore = native?.convolutionSeconds() ?? 0;
  const gradients = await timed(() => trainingStep(batch, arena, layout, config, written, written));
  const optimiser = await timed(() => {
    const options = { step: 1, learningRate: 1e-3, averageDecay: 0, from: 0, to: layout.trainable };
    adamUpdate(state, config.optimizer, options);
  });
  const total = rendering + gradients + optimiser;
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

/** A batch of generated images for the renderer. */
function itemsOf({ batch, imageSize }, config) {
  const renderer = new BatchRenderer();
  const outputs = outputsOf(config);
  renderer.setImages('generated', generatedImages(batch, outputs));
  const items = Array.from({ length: batch }, (_, index) => ({
    slot: 'generated',
    index,
    stream: [index],
  }));
  const plan = { items, imageSize, augmentation: config.augmentation, stream: [0] };
  return { renderer, plan, share: { seed: 1, worker: 0, outputs } };
}

function stateOf({ layout, config, arena: parameters, written: gradient }) {
  const zeros = () => new Float32Array(layout.trainable);
  const decay = zeros();
  decayMask(layout, config.losses.weightDecay, decay);
  return { parameters, moment1: zeros(), moment2: zeros(), decay, gradients: [gradient] };
}
