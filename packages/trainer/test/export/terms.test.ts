import { expect, it } from 'vitest';
import { resolveConfig } from '../../src/config.js';
import { termsByOrigin, termsOf } from '../../src/export/terms.js';

it('the terms name the files and the sets that the weights went through, each once', () => {
  const run = {
    config: resolveConfig({ stages: [{ dataset: 'ferplus' }, { dataset: 'raf-db' }] }),
    position: { stage: 0, epoch: 2, step: 0 }, // the second stage never ran
  };
  const file = {
    file: 'resnet18.safetensors',
    sha256: 'ab'.repeat(32),
    format: 'torchvision',
  } as const;
  const origins = termsByOrigin([file, run, run]).map(([origin]) => origin);
  expect(origins).toEqual([
    'resnet18.safetensors, torchvision, sha-256 abababababababab…',
    'ferplus',
  ]);
  for (const origin of origins) expect(termsOf([file, run])).toContain(origin);
});
