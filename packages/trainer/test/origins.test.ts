import { expect, it } from 'vitest';
import { resolveConfig } from '../src/config.js';
import { ancestorsOf, type Ancestor } from '../src/checkpoint.js';
import { originsOf, termsOf } from '../src/origins.js';

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
  const origins = originsOf([file, run, run]).map(({ name }) => name);
  expect(origins).toEqual([
    'resnet18.safetensors, torchvision, sha-256 abababababababab…',
    'ferplus',
  ]);
  for (const origin of origins) expect(termsOf([file, run])).toContain(origin);
});

it('the terms name what the teachers of the weights went through, and of theirs', () => {
  const at = { stage: 0, epoch: 1, step: 0 };
  const runOn = (dataset: string, teacher?: object[]): object => ({
    config: resolveConfig({ stages: [{ dataset }] }),
    position: at,
    ...(teacher && { teacher }),
  });
  const saved = runOn('ck-plus-basic', [runOn('raf-db', [runOn('ferplus')])]);
  const lineage = ancestorsOf([JSON.parse(JSON.stringify(saved)) as Ancestor]);
  expect(originsOf(lineage).map(({ name }) => name)).toEqual([
    'ferplus',
    'raf-db',
    'ck-plus-basic',
  ]);
  expect(termsOf(lineage)).toContain('raf-db (non-commercial research only');
});
