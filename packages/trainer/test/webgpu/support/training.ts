import { resolveConfig, type TrainingConfig } from '../../../src/config.js';
import { arenaLayout, type ArenaLayout } from '../../../src/arena.js';
import { renderInput, type AugmentParameters } from '../../../src/augment.js';
import { createRng } from '../../../src/rng.js';
import { outputsOf, taskOf } from '../../../src/task.js';
import { PlannedTraining, type PlannedBatch } from '../../../src/webgpu/planned-training.js';
import type { Picture } from '../../../src/webgpu/picture-list.js';
import type { SharedArrays } from '../../../src/worker-protocol.js';
import { NARROW_NETWORK, randomArena } from '../../support/training.js';

/** Two stages, so that few kernels are compiled, with every kind of dispatch. */
export const PLANNED_CONFIG: TrainingConfig = resolveConfig({
  network: { ...NARROW_NETWORK, width: 8, blocks: [1, 1] },
  losses: { compactness: 0.05, distribution: 2, labelSmoothing: 0.1 },
});

export const IMAGES = 4;
export const SIZE = 32;

/** How an image is changed that is not changed. */
const PLAIN: AugmentParameters = {
  ...{ flip: false, rotationDegrees: 0, scale: 1, shiftX: 0, shiftY: 0 },
  ...{ brightness: 1, contrast: 1, grey: false, blur: 0 },
};

/** Pictures of noise, of two sizes, each changed in another way. */
export function randomPictures(seed: number): Picture[] {
  const rng = createRng(seed);
  const changes: readonly Partial<AugmentParameters>[] = [
    {},
    { flip: true, rotationDegrees: 12, scale: 1.1, shiftX: 0.05, shiftY: -0.03 },
    { scale: 0.8, brightness: 1.15, contrast: 0.85, grey: true },
    { rotationDegrees: -15, flip: true, contrast: 1.2, brightness: 0.8 },
  ];
  return changes.map((change, index) => {
    const [width, height] = index % 2 ? [37, 29] : [48, 50];
    const data = Uint8Array.from({ length: width * height * 3 }, () => rng.integer(256));
    return {
      source: { width, height, data },
      frame: { scale: 0.9, shiftX: 0.02, shiftY: -0.01 },
      parameters: index === 0 ? null : { ...PLAIN, ...change },
    };
  });
}

/** The same pictures as the other back ends render them, [N,S,S,3]. */
export function rendered(pictures: readonly Picture[], size: number): Float32Array {
  const values = size ** 2 * 3;
  const out = new Float32Array(pictures.length * values);
  pictures.forEach(({ source, frame, parameters }, index) => {
    renderInput(source, frame, parameters, size, out, index * values);
  });
  return out;
}

/** Labels, one certain and one shared, [N,K]. */
export function randomTargets(outputs: number): Float32Array<ArrayBuffer> {
  const targets = new Float32Array(IMAGES * outputs);
  for (let row = 0; row < IMAGES; row++) {
    targets[row * outputs + (row % outputs)] = row % 2 ? 1 : 0.75;
    targets[row * outputs + ((row + 1) % outputs)] = row % 2 ? 0 : 0.25;
  }
  return targets;
}

/** A configuration's training on a device, from random weights. */
export function startTraining(
  device: GPUDevice,
  config: TrainingConfig,
): { training: PlannedTraining; layout: ArenaLayout; shared: SharedArrays } {
  const outputs = outputsOf(config);
  const layout = arenaLayout(config.network, outputs);
  const arena = randomArena(layout, 2);
  const moments = (): Float32Array => new Float32Array(layout.trainable);
  const shared: SharedArrays = {
    ...{ arena, moment1: moments(), moment2: moments(), gradients: [] },
    ...(config.averaging.decay > 0 && { average: arena.slice() }),
  };
  const task = taskOf(config);
  const training = new PlannedTraining({ device, config, layout, task, outputs, shared });
  return { training, layout, shared };
}

export function batchOf(pictures: readonly Picture[], outputs: number): PlannedBatch {
  return { pictures, targets: randomTargets(outputs), mixing: null, imageSize: SIZE };
}
