import { backboneFeatures, type NetworkConfig } from 'emotion-cam/network';
import type { BackendName } from '../backend.js';
import type { TrainingConfig } from '../config.js';
import { MOST_ATTENDED_CHANNELS } from './block-kernels.js';

/** Latent features whose pairs fit into a workgroup's memory, 16 KiB: twice M^2 + M values. */
const MOST_LATENT_FEATURES = 44;

/**
 * Why a network cannot be trained by a plan.
 *
 * @returns undefined where it can
 */
export function planObstacle(network: NetworkConfig): string | undefined {
  const { width, attention, head, latentFeatures } = network;
  if (width % 4 > 0) return `its width ${width} is no multiple of 4`;
  const channels = backboneFeatures(network);
  if (attention === 'eca' && channels > MOST_ATTENDED_CHANNELS) {
    return `its attention has ${channels} channels, at most ${MOST_ATTENDED_CHANNELS} are planned for`;
  }
  if (head === 'fdrl' && latentFeatures > MOST_LATENT_FEATURES) {
    return `it has ${latentFeatures} latent features, at most ${MOST_LATENT_FEATURES} are planned for`;
  }
  return undefined;
}

/** Whether a run's steps are those of a plan: on WebGPU, where nothing stands in the way. */
export function isTrainedByPlan(
  backend: BackendName,
  { network }: Pick<TrainingConfig, 'network'>,
): boolean {
  return backend === 'webgpu' && planObstacle(network) === undefined;
}
