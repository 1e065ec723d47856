import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseManifest, type ModelManifest } from 'emotion-cam/network';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { resolveConfig } from '../dist/config.js';
import { evaluate, type Evaluation } from '../dist/evaluate.js';
import { exportFiles, type ExportFilesOptions } from '../dist/export/export-files.js';
import { exportModel } from '../dist/export/export-model.js';
import type { ModelMeasurements } from '../dist/export/measure-model.js';
import { modelOfCheckpoint, modelOfFolder } from '../dist/model-source.js';
import { PERTURBATION_NAMES, PERTURBATIONS } from '../dist/perturbations.js';
import { decodeSafetensors, type Safetensors } from '../dist/safetensors.js';
import { train } from '../dist/train.js';
import { QuietReporter, writePatternSet } from './support/tiny-run.js';

const TIMEOUT_MS = 90_000;
const BACKEND = { name: 'wasm', workers: 1, reason: 'the test says so' } as const;
const IMAGE_SIZE = 48;
const CONFIG = resolveConfig({
  seed: 5,
  batchSize: 15,
  network: { width: 8, latentFeatures: 3, latentWidth: 16 },
  stages: [{ imageSize: IMAGE_SIZE, epochs: 1, learningRate: 0.01 }],
});

let folder: string;
let model: string;
let manifest: ModelManifest;
const checkpoint = (): string => join(folder, 'run', 'best.ckpt');

const exportAs = (name: string): Promise<string> =>
  exportModel({
    checkpoint: checkpoint(),
    name,
    out: join(folder, 'models'),
    validation: { dataset: 'raf-db', root: folder },
    backend: BACKEND,
    command: 'npm run trainer -- export',
    reporter: new QuietReporter(),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emotion-cam-export-'));
  await writePatternSet(folder, 12);
  await train({
    config: CONFIG,
    roots: { 'raf-db': folder },
    runFolder: join(folder, 'run'),
    backend: BACKEND,
    resume: false,
    overwrite: false,
    checkpointMinutes: 60,
    signal: new AbortController().signal,
    reporter: new QuietReporter(),
  });
  model = await exportAs('tiny');
  manifest = parseManifest(JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8')));
}, TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an exported model', () => {
  it('expects the images that it was last trained on', () => {
    expect(manifest.input.size).toBe(IMAGE_SIZE);
    expect(manifest.network).toEqual({ ...CONFIG.network, inputSize: IMAGE_SIZE });
  });

  it('holds the same network as its checkpoint, up to the rounding of float16', async () => {
    const [full, stored] = [
      await modelOfCheckpoint(checkpoint()),
      await modelOfFolder(model, 'float16'),
    ];
    expect(stored.weights.map(({ name }) => name)).toEqual(full.weights.map(({ name }) => name));
    full.weights.forEach(({ data }, index) => {
      const other = stored.weights[index]!.data;
      data.forEach((value, i) => {
        expect(Math.abs(other[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11 + 1e-7);
      });
    });
  });

  it(
    'has metrics that evaluate gives again',
    async () => {
      const [evaluation] = await evaluate({
        models: [await modelOfFolder(model, 'uint8')],
        dataset: 'raf-db',
        root: folder,
        split: 'val',
        backend: BACKEND,
        reporter: new QuietReporter(),
      });
      const { model: name, ...measured } = evaluation!;
      expect(name).toContain('uint8');
      expect(manifest.metrics['uint8']).toEqual({ ...measured, model: 'uint8' });
      const { count, confusionMatrix, labels } = measured;
      expect(confusionMatrix.flat().reduce((a, b) => a + b, 0)).toBe(count);
      expect(labels).toEqual(manifest.labels);
    },
    TIMEOUT_MS,
  );

  it('is calibrated on val, confirmed on val2 and measured on changed images', async () => {
    const { calibration, confirmation, robustness } = manifest.metrics as Pick<
      ModelMeasurements,
      'calibration' | 'robustness'
    > & { confirmation: Evaluation };
    expect(manifest.temperature).toBe(calibration.temperature);
    expect([calibration.fittedOn, calibration.measuredOn]).toEqual(['val', 'val2']);
    expect(confirmation).toMatchObject({ split: 'val2', temperature: manifest.temperature });
    expect(confirmation.expectedCalibrationError).toBeCloseTo(
      calibration.expectedCalibrationErrorAfter,
      12,
    );
    expect(robustness.rows.map((row) => row.perturbation)).toEqual([...PERTURBATIONS]);
    for (const { accuracy, drop } of robustness.rows) {
      expect(accuracy + drop).toBeCloseTo(confirmation.accuracy, 12);
    }
    const card = await readFile(join(model, 'MODEL_CARD.md'), 'utf8');
    for (const change of Object.values(PERTURBATION_NAMES)) expect(card).toContain(change);
  });

  it('names the runs, the seed and the terms, and has a card that says them', async () => {
    expect(manifest.training).toMatchObject({
      seed: 5,
      runs: [{ config: JSON.parse(JSON.stringify(CONFIG)) as object }],
    });
    expect(manifest.terms).toContain('raf-db');
    const card = await readFile(join(model, 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain(manifest.terms);
    expect(card).toContain('1 of 1');
  });

  it(
    'takes the place of an older one and of nothing else',
    async () => {
      const neighbour = join(folder, 'models', 'neighbour.txt');
      await writeFile(neighbour, 'kept');
      await exportAs('tiny');
      expect(await readFile(neighbour, 'utf8')).toBe('kept');
      for (const name of ['.', '..', '', 'a/b']) {
        await expect(exportAs(name)).rejects.toMatchObject({ code: 'argument-invalid' });
      }
    },
    TIMEOUT_MS,
  );
});

describe('a file for other runtimes', () => {
  const files = (over: Partial<ExportFilesOptions>): Promise<string[]> =>
    exportFiles({
      origin: { checkpoint: checkpoint() },
      formats: ['safetensors'],
      batchNorm: undefined,
      name: 'other',
      out: join(folder, 'files'),
      validation: undefined,
      backend: BACKEND,
      command: 'npm run trainer -- export',
      reporter: new QuietReporter(),
      ...over,
    });
  const safetensors = async (over: Partial<ExportFilesOptions>): Promise<Safetensors> => {
    const [path] = await files(over);
    return decodeSafetensors(await readFile(path!), path!);
  };
  const valuesOf = ({ arrays }: Safetensors): object[] =>
    arrays.map((array) => ({ name: array.name, shape: array.shape, data: array.read() }));

  it('holds the very weights of the checkpoint, batch normalisation apart or folded', async () => {
    const { weights, separate } = await modelOfCheckpoint(checkpoint());
    const apart = await safetensors({});
    expect(valuesOf(apart)).toEqual(separate);
    expect(separate.map(({ name }) => name)).toContain('stem.variance');
    expect(apart.metadata).toMatchObject({
      batchNorm: 'separate',
      labels: JSON.stringify(manifest.labels),
      input: JSON.stringify(manifest.input),
      crop: JSON.stringify(manifest.crop),
      terms: manifest.terms,
    });
    const { inputSize } = JSON.parse(apart.metadata['network']!) as { inputSize: number };
    expect(inputSize).toBe(IMAGE_SIZE);
    const folded = await safetensors({ batchNorm: 'folded' });
    expect(valuesOf(folded)).toEqual(weights);
    expect(folded.metadata['batchNorm']).toBe('folded');
  });

  it('is made of a model folder too, which only has folded weights', async () => {
    const stored = await modelOfFolder(model, 'float16');
    const file = await safetensors({ origin: { model } });
    expect(valuesOf(file)).toEqual(stored.weights);
    expect(file.metadata['terms']).toBe(manifest.terms);
    await expect(files({ origin: { model }, batchNorm: 'separate' })).rejects.toMatchObject({
      code: 'argument-invalid',
    });
    await expect(files({ origin: { model }, formats: ['tfjs'] })).rejects.toMatchObject({
      code: 'argument-invalid',
    });
  });

  it('is written beside the folder of the same name', async () => {
    const written = await files({ formats: ['onnx', 'safetensors'], name: 'tiny', out: folder });
    expect(written).toEqual([join(folder, 'tiny.safetensors'), join(folder, 'tiny.onnx')]);
    expect((await stat(join(folder, 'tiny.onnx'))).size).toBeGreaterThan(100_000);
  });
});

describe('a model folder', () => {
  it('without a manifest is reported with what was expected', async () => {
    await expect(modelOfFolder(join(folder, 'models'))).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('export') as string,
    });
  });

  it('with weights cut short is refused', async () => {
    const { file } = manifest.variants.uint8.shards[0]!;
    const path = join(model, file);
    await truncate(path, (await stat(path)).size - 1);
    await expect(modelOfFolder(model, 'uint8')).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('sha-256') as string,
    });
  });
});
