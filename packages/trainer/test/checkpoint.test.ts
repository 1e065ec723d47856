import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  readCheckpoint,
  requireSameConfig,
  writeCheckpoint,
  type CheckpointMeta,
  pastStages,
  type Position,
} from '../src/checkpoint.js';
import { DEFAULT_CONFIG, resolveConfig } from '../src/config.js';
import { TrainerError } from '../src/errors.js';
import { temporaryFolder } from './support/image-folders.js';
import { trainerError } from './support/trainer-error.js';

const META: CheckpointMeta = {
  config: DEFAULT_CONFIG,
  backend: 'wasm',
  workers: 2,
  position: { stage: 1, epoch: 3, step: 17 },
  optimizerStep: 1234,
  ancestors: [{ config: resolveConfig({ seed: 9 }), position: { stage: 0, epoch: 2, step: 5 } }],
  progress: { history: [{ loss: 0.1 + 0.2, note: 'ä' }] },
};

const arrays = (): Record<string, Float32Array> => ({
  arena: Float32Array.of(1.5, -0, 3.25e-38, Number.NaN, Infinity),
  empty: new Float32Array(0),
  moment1: Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i)),
});

async function written(): Promise<string> {
  const path = join(await temporaryFolder(), 'run', 'last.ckpt');
  await writeCheckpoint(path, META, arrays());
  return path;
}

describe('a checkpoint', () => {
  it('gives back what was written, to the bit', async () => {
    const checkpoint = await readCheckpoint(await written());
    expect(checkpoint.meta).toEqual(META);
    expect(checkpoint.arrays).toEqual(arrays());
  });

  it('takes memory that threads share, and views of larger arrays', async () => {
    const path = join(await temporaryFolder(), 'a.ckpt');
    const shared = new Float32Array(new SharedArrayBuffer(40)).fill(2.5);
    await writeCheckpoint(path, META, { view: shared.subarray(3, 6) });
    expect((await readCheckpoint(path)).arrays).toEqual({ view: Float32Array.of(2.5, 2.5, 2.5) });
  });

  it('takes the place of the one before and leaves nothing beside it', async () => {
    const path = await written();
    await writeCheckpoint(path, { ...META, optimizerStep: 2 }, { arena: Float32Array.of(7) });
    const { meta, arrays: found } = await readCheckpoint(path);
    expect(meta.optimizerStep).toBe(2);
    expect(found).toEqual({ arena: Float32Array.of(7) });
    expect(await readdir(join(path, '..'))).toEqual(['last.ckpt']);
  });

  it('keeps as many of those before it as there are names for them', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'last.ckpt');
    const stepsOf = async (name: string): Promise<number> =>
      (await readCheckpoint(join(folder, name))).meta.optimizerStep;
    for (const optimizerStep of [1, 2, 3, 4]) {
      await writeCheckpoint(path, { ...META, optimizerStep }, {}, ['one.ckpt', 'two.ckpt']);
    }
    expect(await readdir(folder)).toEqual(['last.ckpt', 'one.ckpt', 'two.ckpt']);
    expect(await Promise.all(['last.ckpt', 'one.ckpt', 'two.ckpt'].map(stepsOf))).toEqual([
      4, 3, 2,
    ]);
  });

  it('that cannot be written leaves the one before as it was', async () => {
    const path = await written();
    const before = await readFile(path);
    await mkdir(`${path}.writing`); // in the way of the new file
    const error = await trainerError(writeCheckpoint(path, META, { arena: new Float32Array(9) }));
    expect(error.code).toBe('output-failed');
    expect(error.message).toContain(path);
    expect(await readFile(path)).toEqual(before);
  });

  it('that was interrupted while it was written does not count', async () => {
    const path = await written();
    await writeFile(`${path}.writing`, 'EMOCKPT2 and no more');
    expect((await readCheckpoint(path)).meta).toEqual(META);
  });

  it('that is missing says where it was looked for', async () => {
    const path = join(await temporaryFolder(), 'last.ckpt');
    const error = await trainerError(readCheckpoint(path));
    expect(error.code).toBe('checkpoint-missing');
    expect(error.message).toContain(path);
  });

  it.each([0, 5, 8, 10, 12, 100, -4001, -4, -1])(
    'that ends after %i bytes is refused',
    async (bytes) => {
      const path = await written();
      const { length } = await readFile(path);
      await truncate(path, bytes > 0 ? bytes : bytes === 0 ? 0 : length + bytes);
      const error = await trainerError(readCheckpoint(path));
      expect(error.code).toBe('checkpoint-corrupt');
      expect(error.message).toContain(path);
    },
  );

  it('that has become longer is refused', async () => {
    const path = await written();
    await writeFile(path, 'x', { flag: 'a' });
    expect((await trainerError(readCheckpoint(path))).code).toBe('checkpoint-corrupt');
  });

  it('with one changed byte anywhere is refused', async () => {
    const path = await written();
    const bytes = await readFile(path);
    const changed = `${path}.changed`;
    await copyFile(path, changed);
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at += at < 3000 ? 7 : 199) {
      const copy = Buffer.from(bytes);
      copy[at] = copy[at]! ^ 1;
      await writeFile(changed, copy);
      const outcome: unknown = await readCheckpoint(changed).catch((error: unknown) => error);
      if (!(outcome instanceof TrainerError) || outcome.code !== 'checkpoint-corrupt') {
        accepted.push(at);
      }
    }
    expect(accepted).toEqual([]);
  });
});

describe('requireSameConfig', () => {
  it('accepts the same values', () => {
    const copy = JSON.parse(JSON.stringify(DEFAULT_CONFIG)) as unknown;
    expect(() => requireSameConfig('a.ckpt', DEFAULT_CONFIG, copy)).not.toThrow();
  });

  it('names every key that differs, with both values', () => {
    const saved = resolveConfig({});
    const current = resolveConfig({
      seed: 2,
      network: { attention: 'none' },
      stages: [{ epochs: 9 }],
    });
    let error: unknown;
    try {
      requireSameConfig('a.ckpt', saved, current);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TrainerError);
    const { code, message } = error as TrainerError;
    expect(code).toBe('checkpoint-config');
    expect(message).toContain('a.ckpt');
    expect(message).toContain('seed is 1 there and 2 here');
    expect(message).toContain('network.attention is "eca" there and "none" here');
    expect(message).toContain('stages.0.epochs is 60 there and 9 here');
    expect(message).not.toContain('batchSize');
  });

  it('names a stage that only one of them has', () => {
    const two = resolveConfig({ stages: [{}, { epochs: 1 }] });
    expect(() => requireSameConfig('a.ckpt', DEFAULT_CONFIG, two)).toThrow('stages.1 is ');
  });
});

describe('the stages of a past run', () => {
  const stage = { dataset: 'raf-db', imageSize: 64, epochs: 3 };
  const config = resolveConfig({ seed: 4, stages: [stage, stage, stage] });
  const done = (position: Position): number[] =>
    pastStages({ config, position }).map(({ epochsDone }) => epochsDone);

  it('end where the run ended', () => {
    expect(done({ stage: 1, epoch: 1, step: 20 })).toEqual([3, 2]);
  });

  it('leave out an epoch that has not begun', () => {
    expect(done({ stage: 1, epoch: 2, step: 0 })).toEqual([3, 2]);
  });

  it('carry the seed of their run', () => {
    const [first] = pastStages({ config, position: { stage: 0, epoch: 0, step: 1 } });
    expect(first?.seed).toBe(4);
  });
});
