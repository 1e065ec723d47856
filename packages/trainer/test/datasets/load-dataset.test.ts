import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetName } from '../../src/datasets/dataset.js';
import { openDataset } from '../../src/datasets/load-dataset.js';
import { temporaryFolder, writeText } from '../support/image-folders.js';
import { trainerError } from '../support/trainer-error.js';

describe('openDataset', () => {
  it('says that the root folder does not exist', async () => {
    const root = join(await temporaryFolder(), 'nowhere');
    const error = await trainerError(openDataset('ferplus', root, 'train'));
    expect(error.code).toBe('dataset-missing');
    expect(error.message).toContain(root);
  });

  it('says that the root is a file', async () => {
    const root = join(await temporaryFolder(), 'file');
    await writeText(root, '');
    const error = await trainerError(openDataset('ck-plus', root, 'train'));
    expect(error.code).toBe('dataset-missing');
    expect(error.message).toContain('Not a folder');
  });

  it('lists the sets it knows when asked for another', async () => {
    const error = await trainerError(openDataset('affectnet' as DatasetName, '.', 'train'));
    expect(error.code).toBe('dataset-unknown');
    expect(error.message).toContain('raf-db, ferplus, fer2013, ck-plus, ck-plus-basic, folder');
  });
});
