import { DEFAULT_NETWORK } from 'emotion-cam/network';
import { expect, it } from 'vitest';
import { isTrainedByPlan, planObstacle } from '../../src/webgpu/plan-limits.js';

it.each([
  [{}, undefined],
  [{ width: 4, blocks: [3, 4, 6, 3] }, undefined],
  [{ width: 6 }, 'its width 6 is no multiple of 4'],
  [{ width: 256 }, 'its attention has 2048 channels, at most 1024 are planned for'],
  [{ width: 256, attention: 'none' }, undefined],
  [{ latentFeatures: 45 }, 'it has 45 latent features, at most 44 are planned for'],
  [{ latentFeatures: 45, head: 'linear' }, undefined],
] as const)('what stands in the way of a plan: %o', (changes, expected) => {
  const network = { ...DEFAULT_NETWORK, ...changes };
  expect(planObstacle(network)).toBe(expected);
  expect(isTrainedByPlan('webgpu', { network })).toBe(expected === undefined);
  expect(isTrainedByPlan('wasm', { network })).toBe(false);
});
