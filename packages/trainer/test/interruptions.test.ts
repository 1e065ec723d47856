import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { readCheckpoint } from '../dist/checkpoint.js';
import { resolveConfig } from '../dist/config.js';
import { train, type EpochRecord, type TrainResult } from '../dist/train.js';
import { createRng } from '../src/rng.js';
import { QuietReporter, writePatternSet } from './support/tiny-run.js';

const TIMEOUT_MS = 240_000;

/** Two stages of two epochs of three steps. */
const CONFIG = resolveConfig({
  seed: 4,
  batchSize: 14,
  network: { width: 4, latentFeatures: 2, latentWidth: 8 },
  averaging: { decay: 0.6 },
  augmentation: { mixUpAlpha: 0.3 },
  stages: [
    { imageSize: 32, epochs: 2, learningRate: 0.01, imagesPerEpoch: 42, classBalance: 1 },
    { imageSize: 48, epochs: 2, learningRate: 0.005, imagesPerEpoch: 42 },
  ],
});
const STEPS = 12;

let folder: string;
let data: string;
/** The run that is never interrupted. */
let whole: TrainResult;
const run = (name: string): string => join(folder, 'runs', name);
const fileOf = (name: string, file = 'last.ckpt'): string => join(run(name), file);

class ListeningReporter extends QuietReporter {
  readonly lines: string[] = [];

  override line(text?: string): void {
    this.lines.push(text ?? '');
  }
}

/** Trains into runs/<name> and saves after every step. */
function tiny(
  name: string,
  { resume = false, steps = Infinity, reporter = new QuietReporter(steps) } = {},
): Promise<TrainResult> {
  return train({
    config: CONFIG,
    roots: { 'raf-db': data },
    runFolder: run(name),
    backend: { name: 'wasm', workers: 2, reason: 'the test says so' },
    resume,
    overwrite: false,
    checkpointMinutes: 0,
    signal: reporter.signal,
    reporter,
  });
}

/** Everything but how long it took. */
const numbersOf = (history: readonly EpochRecord[]): unknown =>
  history.map((record) => ({ ...record, seconds: 0 }));

/** The log and the last checkpoint of a run are those of the run that was never interrupted. */
async function expectWhole(name: string): Promise<void> {
  const log = (await readFile(fileOf(name, 'log.jsonl'), 'utf8')).trim().split('\n');
  expect(numbersOf(log.map((line) => JSON.parse(line) as EpochRecord))).toEqual(
    numbersOf(whole.history),
  );
  for (const file of ['last.ckpt', 'best.ckpt', 'best-stage1.ckpt']) {
    const ours = await readCheckpoint(fileOf(name, file));
    const theirs = await readCheckpoint(fileOf('whole', file));
    expect(ours.meta.position).toEqual(theirs.meta.position);
    expect(ours.arrays, file).toEqual(theirs.arrays);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-interrupted-'));
  data = join(folder, 'data');
  await writePatternSet(data, 10);
  whole = await tiny('whole');
}, TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Trains in a process of its own until it ends, or until it is killed after so many steps. */
function trainInChild(name: string, killAfterSteps: number): Promise<{ killed: boolean }> {
  const script = fileURLToPath(new URL('support/train-child.mjs', import.meta.url));
  const options = JSON.stringify({ config: CONFIG, root: data, runFolder: run(name) });
  const child = fork(script, [options], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    let steps = 0;
    child.on('message', () => {
      steps += 1;
      // By now the child writes this step's checkpoint, or is within the next step.
      if (steps === killAfterSteps) child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ killed: true });
      else if (code === 0) resolve({ killed: false });
      else reject(new Error(`The child ended with ${signal ?? code}.`));
    });
  });
}

describe('a run that is killed', () => {
  it(
    'several times without warning ends with the numbers of one that was not',
    async () => {
      const rng = createRng(20);
      for (let kill = 0; kill < 4; kill++) {
        // At most eight steps are done by then: it is not at its end.
        expect(await trainInChild('killed', 1 + rng.integer(2))).toEqual({ killed: true });
      }
      expect(await trainInChild('killed', Infinity)).toEqual({ killed: false });
      await expectWhole('killed');
      const files = await readdir(run('killed'));
      expect(files.filter((file) => file.endsWith('.writing'))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('the newest checkpoint', () => {
  it('that is corrupt is put aside, which is said, and the one before is taken', async () => {
    await tiny('corrupt', { steps: 8 });
    await truncate(fileOf('corrupt'), 500);
    const reporter = new ListeningReporter();
    await tiny('corrupt', { resume: true, reporter });
    const said = reporter.lines.join('\n');
    expect(said).toContain('last.ckpt is corrupt');
    expect(said).toMatch(/Going on from .*previous-1\.ckpt: stage 2, epoch 1, after 1 step/);
    expect((await readFile(fileOf('corrupt', 'corrupt.ckpt'))).length).toBe(500);
    await expectWhole('corrupt');
  }, 60_000);

  it('that is missing, after a kill between two renames, is replaced by the one before', async () => {
    await tiny('missing', { steps: 5 });
    await copyFile(fileOf('missing'), fileOf('missing', 'last.ckpt.writing'));
    await rm(fileOf('missing'));
    await expect(tiny('missing')).rejects.toMatchObject({ code: 'argument-invalid' });
    const reporter = new ListeningReporter();
    await tiny('missing', { resume: true, reporter });
    expect(reporter.lines.join('\n')).toContain('last.ckpt is missing');
    await expectWhole('missing');
  }, 60_000);

  it('is refused where all three are corrupt, and none is moved', async () => {
    await tiny('all', { steps: 4 });
    const names = ['last.ckpt', 'previous-1.ckpt', 'previous-2.ckpt'];
    for (const name of names) await truncate(fileOf('all', name), 500);
    await expect(tiny('all', { resume: true })).rejects.toMatchObject({
      code: 'checkpoint-corrupt',
      message: expect.stringContaining('last.ckpt') as string,
    });
    expect(await readdir(run('all'))).toEqual(expect.arrayContaining(names));
  }, 60_000);
});

describe('a run that cannot save', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'because the disk is full says so, keeps what it has, and can go on later',
    async () => {
      await tiny('full', { steps: 4 });
      const before = await readFile(fileOf('full'));
      // The kernel's own "no space left": whatever is written to /dev/full fails with ENOSPC.
      await symlink('/dev/full', fileOf('full', 'last.ckpt.writing'));
      await expect(tiny('full', { resume: true })).rejects.toMatchObject({
        code: 'output-failed',
        message: expect.stringMatching(
          /last\.ckpt could not be written: ENOSPC.*--resume/,
        ) as string,
      });
      expect(await readFile(fileOf('full'))).toEqual(before);
      expect(await readdir(run('full'))).not.toContain('last.ckpt.writing');
      await tiny('full', { resume: true });
      await expectWhole('full');
    },
    60_000,
  );
});

describe('a run whose data has changed', () => {
  it('is not resumed in the middle of a stage, until the data is back', async () => {
    await tiny('changed', { steps: STEPS - 1 });
    const image = join(data, 'basic', 'Image', 'aligned', 'train_00003_aligned.jpg');
    const kept = await readFile(image);
    await copyFile(image.replace('00003', '00004'), image);
    await expect(tiny('changed', { resume: true })).rejects.toMatchObject({
      code: 'dataset-changed',
      message: expect.stringMatching(/raf-db\/(train|val).* then, .* now/) as string,
    });
    await writeFile(image, kept);
    await tiny('changed', { resume: true });
    await expectWhole('changed');
  }, 60_000);
});
