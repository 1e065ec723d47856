import { EMOTIONS } from 'emotion-cam/network';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arenaLayout } from '../../src/arena.js';
import type { BackendChoice } from '../../src/backend.js';
import { writeCheckpoint } from '../../src/checkpoint.js';
import { resolveConfig } from '../../src/config.js';
import type { DatasetName } from '../../src/datasets/dataset.js';
import { CK_PLUS_LABELS, labelsOf, requireLabels } from '../../src/datasets/label-sets.js';
import { evaluate } from '../../src/evaluate.js';
import { exportModel } from '../../src/export/export-model.js';
import { modelOfCheckpoint } from '../../src/model-source.js';
import { Reporter } from '../../src/reporter.js';
import { temporaryFolder } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';
import { NARROW_NETWORK, randomArena } from '../support/training.js';

const BACKEND: BackendChoice = { name: 'wasm', workers: 1, reason: 'the test says so' };

/** A checkpoint of a network whose stages were trained on these sets. */
async function checkpointOf(...datasets: readonly DatasetName[]): Promise<string> {
  const path = join(await temporaryFolder(), 'best.ckpt');
  const config = resolveConfig({
    network: NARROW_NETWORK,
    stages: datasets.map((dataset) => ({ dataset, epochs: 1 })),
  });
  const meta = {
    config,
    workers: 1,
    backend: 'wasm',
    position: { stage: datasets.length - 1, epoch: 1, step: 0 },
    optimizerStep: 1,
    ancestors: [],
    progress: {},
  } as const;
  await writeCheckpoint(path, meta, { arena: randomArena(arenaLayout(config.network), 1) });
  return path;
}

describe('the labels of a network', () => {
  it('are those of the set that it was trained on last', async () => {
    const paper = await modelOfCheckpoint(await checkpointOf('raf-db', 'ck-plus'));
    expect(paper.labels).toEqual(CK_PLUS_LABELS);
    const ours = await modelOfCheckpoint(await checkpointOf('ck-plus', 'raf-db'));
    expect(ours.labels).toEqual(EMOTIONS);
  });

  it.each<[DatasetName, DatasetName]>([
    ['raf-db', 'ck-plus'],
    ['ck-plus', 'ck-plus-basic'],
  ])('trained on %s are not measured on %s', async (trained, dataset) => {
    const model = await modelOfCheckpoint(await checkpointOf(trained));
    const error = await trainerError(
      evaluate({
        models: [model],
        dataset,
        root: '/nowhere',
        split: 'val',
        backend: BACKEND,
        reporter: new Reporter(),
      }),
    );
    expect(error.code).toBe('labels-differ');
    expect(error.message).toContain(`the data set ${dataset} has ${labelsOf(dataset).join(', ')}`);
    expect(error.message).toContain('use ck-plus-basic');
  });

  it('with contempt are not exported for the SDK, which has none', async () => {
    const error = await trainerError(
      exportModel({
        checkpoint: await checkpointOf('ck-plus'),
        name: 'model',
        out: await temporaryFolder(),
        validation: undefined,
        backend: BACKEND,
        command: 'export',
        reporter: new Reporter(),
      }),
    );
    expect(error.code).toBe('labels-differ');
    expect(error.message).toContain('the SDK has neutral');
  });

  it('are the same for the sets with our seven emotions', () => {
    const labels = labelsOf('ferplus');
    for (const name of ['raf-db', 'fer2013', 'ck-plus-basic', 'folder'] as const) {
      expect(() => {
        requireLabels(name, labelsOf(name), { by: 'ferplus', labels });
      }).not.toThrow();
    }
  });
});
