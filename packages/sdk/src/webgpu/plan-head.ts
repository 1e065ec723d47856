import { CLASS_COUNT, type NetworkConfig } from '../network/config.js';
import { backboneFeatures } from '../network/weights.js';
import type { Value } from './arena.js';
import {
  decompositionKernel,
  linearKernel,
  reconstructionKernel,
  type HeadShape,
} from './head-kernels.js';
import { quads } from './kernel.js';
import { packBranches, packClassifier } from './pack-weights.js';
import { VECTOR_BYTES, type FeatureMap, type Step } from './step.js';
import { FLOAT32, type Storage } from './storage.js';

/** The head in two dispatches, or in one without FDRL; global average pooling is part of the first. */
export function planHead(
  map: FeatureMap,
  config: NetworkConfig,
  storage: Storage,
): { steps: Step[]; logits: Value } {
  const { latentFeatures, latentWidth, delta, similarity } = config;
  const features = backboneFeatures(config);
  const shape: HeadShape = {
    rows: map.side ** 2,
    featureQuads: map.quads,
    latentFeatures,
    latentWidth,
    classes: CLASS_COUNT,
    delta,
    similarity,
  };
  const logits = { label: 'logits', bytes: CLASS_COUNT * 4 };
  const classifier = (name: 'epn' | 'linear', inputs: number): Step['bound'][number] => ({
    label: name,
    storage: FLOAT32,
    ...packClassifier(name, { features: inputs, classes: CLASS_COUNT }),
  });
  if (config.head === 'linear') {
    const bound = [map.value, classifier('linear', features), logits];
    return { steps: [{ kernel: linearKernel(shape, storage), workgroups: [1], bound }], logits };
  }
  const branches = {
    label: 'branches',
    storage,
    ...packBranches({ features, latents: latentFeatures, width: latentWidth }),
  };
  const latents = {
    label: 'latents',
    bytes: 2 * latentFeatures * quads(latentWidth) * VECTOR_BYTES,
  };
  return {
    steps: [
      {
        kernel: decompositionKernel(shape, storage),
        workgroups: [latentFeatures],
        bound: [map.value, branches, latents],
      },
      {
        kernel: reconstructionKernel(shape),
        workgroups: [1],
        bound: [latents, classifier('epn', latentWidth), logits],
      },
    ],
    logits,
  };
}
