import {
  BATCH_NORM_EPSILON,
  CANONICAL_EYES,
  CHANNEL_MEAN,
  CHANNEL_STD,
  ROLL_DEAD_BAND_DEGREES,
  type NamedArray,
  type NetworkConfig,
} from 'emotion-cam/network';
import { lineageOf } from '../checkpoint.js';
import { modelOfCheckpoint, modelOfFolder, type EvaluatedModel } from '../model-source.js';
import { termsOf } from '../origins.js';

/** A network and where it came from, for the formats of other runtimes. */
export interface WeightsSource {
  readonly network: NetworkConfig;
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  /** Batch normalisation is in the convolutions. */
  readonly folded: readonly NamedArray[];
  /** As training has them; only a checkpoint still knows them apart. */
  readonly separate: readonly NamedArray[] | undefined;
  /** What a user of the weights has to know, as text by key: JSON but for the plain words. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What every exported file says about itself. */
function metadataOf(
  model: Pick<EvaluatedModel, 'network' | 'labels' | 'imageSize' | 'temperature'>,
  terms: string,
  training: unknown,
): Record<string, string> {
  const { network, labels, imageSize, temperature } = model;
  return {
    producer: 'emotion-cam',
    network: JSON.stringify({ ...network, inputSize: imageSize }),
    labels: JSON.stringify(labels),
    // (value / 255 - mean) / std of each channel
    input: JSON.stringify({
      size: imageSize,
      channelOrder: 'rgb',
      mean: CHANNEL_MEAN,
      std: CHANNEL_STD,
    }),
    crop: JSON.stringify({ eyes: CANONICAL_EYES, rollDeadBandDegrees: ROLL_DEAD_BAND_DEGREES }),
    temperature: String(temperature),
    batchNormEpsilon: String(BATCH_NORM_EPSILON),
    terms,
    training: JSON.stringify(training),
  };
}

/**
 * The weights of a checkpoint in full precision.
 *
 * @param imageSize - side of the input; by default that of the last stage
 * @throws {TrainerError} `checkpoint-missing`, `checkpoint-corrupt`
 */
export async function sourceOfCheckpoint(path: string, imageSize?: number): Promise<WeightsSource> {
  const { weights, meta, ...model } = await modelOfCheckpoint(path, imageSize);
  const runs = lineageOf(meta);
  return {
    ...model,
    folded: weights,
    metadata: metadataOf(model, termsOf(runs), { runs }),
  };
}

/**
 * The weights of a model folder, as its float16 variant has them.
 *
 * @throws {TrainerError} `model-missing`, `model-invalid`
 */
export async function sourceOfFolder(folder: string): Promise<WeightsSource> {
  const { weights, manifest, ...model } = await modelOfFolder(folder, 'float16');
  return {
    ...model,
    folded: weights,
    separate: undefined,
    metadata: metadataOf(model, manifest.terms, manifest.training),
  };
}
