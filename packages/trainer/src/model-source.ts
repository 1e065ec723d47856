import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CANONICAL_EYES,
  CHANNEL_MEAN,
  CHANNEL_STD,
  decodeWeights,
  parseManifest,
  type ModelManifest,
  type NamedArray,
  type NetworkConfig,
  type WeightsPrecision,
} from 'emotion-cam/network';
import { arenaLayout } from './arena.js';
import { pastStages, readCheckpoint, type CheckpointMeta } from './checkpoint.js';
import { labelsOf } from './datasets/label-sets.js';
import { TrainerError } from './errors.js';
import { foldBatchNorm, separateWeights } from './fold.js';
import { outputsOf } from './task.js';

/** A network with folded weights, ready to be measured. */
export interface EvaluatedModel {
  readonly name: string;
  readonly network: NetworkConfig;
  /** Meaning of the outputs, in their order. */
  readonly labels: readonly string[];
  readonly weights: readonly NamedArray[];
  readonly imageSize: number;
  /** Divides the logits before softmax; 1 is uncalibrated. */
  readonly temperature: number;
}

/** A model of a checkpoint, with what only a checkpoint has. */
export interface CheckpointModel extends EvaluatedModel {
  readonly meta: CheckpointMeta;
  /** The weights as training has them, batch normalisation apart. */
  readonly separate: readonly NamedArray[];
}

/** The network of a checkpoint, at the size that it was last trained at unless told another. */
export async function modelOfCheckpoint(
  path: string,
  imageSize?: number,
): Promise<CheckpointModel> {
  const { meta, arrays } = await readCheckpoint(path);
  const { network } = meta.config;
  const arena = arrays['arena'];
  if (!arena) throw new TrainerError('checkpoint-corrupt', `${path} holds no weights.`);
  const layout = arenaLayout(network, outputsOf(meta.config));
  return {
    name: path,
    meta,
    network,
    labels: labelsOf(pastStages(meta).at(-1)!.dataset),
    weights: foldBatchNorm(arena, layout, network),
    separate: separateWeights(arena, layout, network),
    imageSize: imageSize ?? pastStages(meta).at(-1)?.imageSize ?? network.inputSize,
    temperature: 1,
  };
}

/**
 * A model folder as `export` writes it, checked against its own hashes.
 *
 * @throws {TrainerError} `model-missing` or `model-invalid`
 */
export async function modelOfFolder(
  folder: string,
  variantName?: WeightsPrecision,
): Promise<EvaluatedModel & { readonly manifest: ModelManifest }> {
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(join(folder, file));
    } catch (cause) {
      throw new TrainerError(
        'model-missing',
        `${join(folder, file)} cannot be read. Expected a folder that the command export wrote.`,
        { cause },
      );
    }
  };
  const manifestBytes = await read('manifest.json');
  try {
    const manifest = parseManifest(JSON.parse(manifestBytes.toString('utf8')));
    requireOurPreprocessing(folder, manifest);
    const chosen = variantName ?? manifest.defaultVariant;
    const variant = manifest.variants[chosen];
    const shards: Buffer[] = [];
    for (const { file, sha256 } of variant.shards) {
      const shard = await read(file);
      const found = createHash('sha256').update(shard).digest('hex');
      if (found !== sha256) {
        throw new TrainerError(
          'model-invalid',
          `${join(folder, file)} has the sha-256 ${found}; the manifest expects ${sha256}.`,
        );
      }
      shards.push(shard);
    }
    return {
      name: `${folder} (${chosen})`,
      manifest,
      network: manifest.network,
      labels: manifest.labels,
      weights: decodeWeights(variant, Buffer.concat(shards)),
      imageSize: manifest.input.size,
      temperature: manifest.temperature,
    };
  } catch (cause) {
    if (cause instanceof TrainerError) throw cause;
    throw new TrainerError('model-invalid', `${folder}: ${(cause as Error).message}`, { cause });
  }
}

/** The trainer renders with the constants of this version; a model made with others needs its own. */
function requireOurPreprocessing(folder: string, { input, crop }: ModelManifest): void {
  const theirs = JSON.stringify([input.mean, input.std, crop.eyes]);
  const ours = JSON.stringify([CHANNEL_MEAN, CHANNEL_STD, CANONICAL_EYES]);
  if (theirs === ours) return;
  throw new TrainerError(
    'model-invalid',
    `${folder} expects other preprocessing (mean, std, eyes ${theirs}) than this version's ` +
      `(${ours}). Use the version that exported it.`,
  );
}
