import { resolveConfig, type StageConfig, type TrainingConfig } from './config.js';
import { isObject } from './is-object.js';

/** What the backbone can be pre-trained on: CelebA's attributes, or the votes of FER+. */
export const PRETRAINING_SETS = ['celeba', 'ferplus'] as const;
export type PretrainingSet = (typeof PRETRAINING_SETS)[number];

/** The paper only says that CelebA was used; these are ours. */
const STAGE: Partial<StageConfig> = {
  imageSize: 224,
  epochs: 10,
  learningRate: 1e-3,
  schedule: { kind: 'one-cycle', warmUpShare: 0.2 },
};
const BATCH_SIZE = 64;

/**
 * The configuration of a pre-training: ECA-ResNet-18 with one FC layer.
 *
 * @param overrides - an experiment's values; its stages are on `dataset` without saying so
 * @throws {TrainerError} `config-unknown-key`, `config-invalid`
 */
export function pretrainingConfig(
  dataset: PretrainingSet,
  overrides: Readonly<Record<string, unknown>>,
): TrainingConfig {
  const { network = {}, stages = [{}] } = overrides;
  return resolveConfig({
    batchSize: BATCH_SIZE,
    ...overrides,
    network: isObject(network) ? { head: 'linear', ...network } : network,
    stages: Array.isArray(stages)
      ? stages.map((stage: unknown) => (isObject(stage) ? { dataset, ...STAGE, ...stage } : stage))
      : stages,
  });
}
