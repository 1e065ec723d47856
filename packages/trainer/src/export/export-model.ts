import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CANONICAL_EYES,
  CHANNEL_MEAN,
  CHANNEL_STD,
  decodeWeights,
  EMOTIONS,
  encodeWeights,
  MANIFEST_VERSION,
  parseManifest,
  ROLL_DEAD_BAND_DEGREES,
  type ModelManifest,
  type NamedArray,
  type WeightsPrecision,
  type WeightsVariant,
} from 'emotion-cam/network';
import { initialiseBackend, type BackendChoice } from '../backend.js';
import type { DatasetName } from '../datasets/dataset.js';
import { modelOfCheckpoint } from '../model-source.js';
import { lineageOf } from '../checkpoint.js';
import { requireLabels } from '../datasets/label-sets.js';
import { requireName } from '../run-name.js';
import type { Reporter } from '../reporter.js';
import { compactJson } from '../write-json.js';
import { makeGolden } from './golden.js';
import { measureModel, type ModelMeasurements } from './measure-model.js';
import { computeUsed } from './compute-used.js';
import { modelCard } from './model-card.js';
import { termsOf } from '../origins.js';

/** What an export needs. */
export interface ExportOptions {
  readonly checkpoint: string;
  /** Name of the model and of its folder. */
  readonly name: string;
  /** Folder that receives the model's folder. */
  readonly out: string;
  /** Side of the input that the SDK shall use; the network's by default. */
  readonly imageSize?: number;
  /** Validation data that all variants are measured on; without it the manifest has no metrics. */
  readonly validation: { readonly dataset: DatasetName; readonly root: string } | undefined;
  readonly backend: BackendChoice;
  /** The command line, for the record. */
  readonly command: string;
  /** Folder of the runs of record behind it: their time goes into the card. */
  readonly record?: string | undefined;
  readonly reporter: Reporter;
}

const PRECISIONS: readonly WeightsPrecision[] = ['float16', 'uint8'];

const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/**
 * Folds batch normalisation and writes `manifest.json`, the weights as float16 and as uint8, golden
 * inputs and outputs, and the model card. A model of the same name is replaced when all is written.
 *
 * @throws {TrainerError} `checkpoint-missing`, `checkpoint-corrupt`; `labels-differ` where the
 *   network's outputs are not the SDK's emotions; those of the validation data
 */
export async function exportModel(options: ExportOptions): Promise<string> {
  const { name, out, reporter, command, record } = options;
  const compute = record === undefined ? undefined : computeUsed(record);
  requireName(name);
  const { meta, network, labels, weights, imageSize } = await modelOfCheckpoint(
    options.checkpoint,
    options.imageSize,
  );
  requireLabels(`The network of ${options.checkpoint}`, labels, {
    by: 'the SDK',
    labels: EMOTIONS,
  });
  const files = new Map<string, Uint8Array | string>();
  const variants = {} as Record<WeightsPrecision, WeightsVariant>;
  const stored = {} as Record<WeightsPrecision, NamedArray[]>;
  for (const precision of PRECISIONS) {
    const { variantTensors, shards } = encodeWeights(weights, precision);
    const entries = shards.map((bytes, index) => {
      const file = `weights-${precision}-${index + 1}.bin`;
      files.set(file, bytes);
      return { file, bytes: bytes.length, sha256: sha256(bytes) };
    });
    variants[precision] = { shards: entries, tensors: variantTensors };
    stored[precision] = decodeWeights(variants[precision], Buffer.concat(shards));
  }

  const common = { network, labels, imageSize, temperature: 1 };
  const measured =
    options.validation &&
    (await measureModel({
      ...options.validation,
      models: {
        float32: { ...common, name: 'float32', weights },
        float16: { ...common, name: 'float16', weights: stored.float16 },
        uint8: { ...common, name: 'uint8', weights: stored.uint8 },
      },
      fold: meta.config.fold,
      backend: options.backend,
      reporter,
    }));

  reporter.line('Computing golden outputs …');
  await initialiseBackend('wasm');
  const golden = `${JSON.stringify(await makeGolden(network, imageSize, weights, stored))}\n`;
  files.set('golden.json', golden);

  const runs = lineageOf(meta);
  const manifest: ModelManifest = {
    format: 'emotion-cam-model',
    formatVersion: MANIFEST_VERSION,
    name,
    created: new Date().toISOString(),
    network: { ...network, inputSize: imageSize },
    labels: EMOTIONS,
    input: { size: imageSize, channelOrder: 'rgb', mean: CHANNEL_MEAN, std: CHANNEL_STD },
    crop: { eyes: CANONICAL_EYES, rollDeadBandDegrees: ROLL_DEAD_BAND_DEGREES },
    temperature: measured?.calibration.temperature ?? 1,
    variants,
    defaultVariant: measured?.defaultVariant ?? 'float16', // nothing says what uint8 would lose
    golden: { file: 'golden.json', sha256: sha256(golden) },
    metrics: measured ? metricsOf(measured) : {},
    training: { runs, ...(meta.progress as object), seed: meta.config.seed, command },
    terms: termsOf(runs),
  };
  const json = compactJson(manifest);
  parseManifest(JSON.parse(json)); // what is written can be read
  files.set('manifest.json', `${json}\n`);
  files.set('MODEL_CARD.md', modelCard({ manifest, runs, measured, command, compute }));

  const folder = join(out, name);
  const temporary = join(out, `.${name}.writing`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  for (const [file, contents] of files) await writeFile(join(temporary, file), contents);
  const old = join(out, `.${name}.old`);
  await rm(old, { recursive: true, force: true });
  if (existsSync(folder)) await rename(folder, old);
  await rename(temporary, folder);
  await rm(old, { recursive: true, force: true });
  return folder;
}

/** As the manifest has them: a variant's figures under its name, then the others. */
function metricsOf({ variants, ...others }: ModelMeasurements): Record<string, unknown> {
  const { calibration, confirmation, robustness } = others;
  return { ...variants, calibration, ...(confirmation && { confirmation }), robustness };
}
