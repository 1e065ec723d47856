import * as tf from '@tensorflow/tfjs-core';
import { manifestUrl } from './assets.js';
import { concatenate } from './bytes.js';
import { download } from './download.js';
import { EmotionCamError } from './errors.js';
import {
  decodeWeights,
  infer,
  parseManifest,
  type ModelManifest,
  type NamedArray,
  type ShardEntry,
  type Weights,
  type WeightsPrecision,
} from './network/index.js';
import { variantBytes } from './network/manifest.js';
import { readStored, removeStored, store } from './weights-cache.js';

/** How a model is loaded. */
export interface ModelOptions {
  /** Which stored precision to fetch. Default: the manifest's `defaultVariant`. */
  readonly variant?: WeightsPrecision | undefined;
  /** Called as bytes of the weights arrive; `total` is known from the start. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Keeps the weights in the browser's Cache storage, and takes them from there. Default: `true`. */
  readonly cache?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

let hasWarnedOfHashes = false;

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  // Insecure pages have no crypto.subtle, whatever the DOM's types say.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    if (!hasWarnedOfHashes) {
      console.warn('emotion-cam: this page is not secure (https), so hashes cannot be checked.');
    }
    hasWarnedOfHashes = true;
    return undefined;
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function loadManifest(url: URL, signal: AbortSignal | undefined): Promise<ModelManifest> {
  const bytes = await download(url, {
    what: "the model's manifest",
    codes: { missing: 'manifest-missing', broken: 'manifest-invalid' },
    signal,
  });
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EmotionCamError(
      'manifest-invalid',
      `${url.href} is not JSON (${text.length} characters that begin with ` +
        `${JSON.stringify(text.slice(0, 40))}), expected a model's manifest. It may be cut short, or ` +
        'the server answers with a page of its own where a file is missing.',
      { cause },
    );
  }
  return parseManifest(json);
}

/** A weights file, from an earlier visit or else from the server. */
async function loadShard(
  shard: ShardEntry,
  url: URL,
  options: { cache: boolean; onBytes: (bytes: number) => void; signal: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { cache, ...transfer } = options;
  const stored = cache ? await readStored(url, shard.sha256) : undefined;
  if (stored) {
    try {
      await checkShard(stored, shard, url);
      transfer.onBytes(stored.length);
      return stored;
    } catch {
      await removeStored(url, shard.sha256); // damaged since: the server still has it
    }
  }
  const bytes = await download(url, {
    what: "the model's weights",
    codes: { missing: 'weights-missing', broken: 'weights-truncated' },
    ...transfer,
  });
  await checkShard(bytes, shard, url);
  if (cache) await store(url, shard.sha256, bytes);
  return bytes;
}

/** @throws {EmotionCamError} `weights-truncated`, `weights-hash` */
async function checkShard(
  bytes: Uint8Array<ArrayBuffer>,
  shard: ShardEntry,
  url: URL,
): Promise<void> {
  if (bytes.length !== shard.bytes) {
    throw new EmotionCamError(
      'weights-truncated',
      `${url.href} has ${bytes.length} bytes, the manifest says ${shard.bytes}. Copy the file again.`,
    );
  }
  const hash = await sha256(bytes);
  if (hash !== undefined && hash !== shard.sha256) {
    throw new EmotionCamError(
      'weights-hash',
      `${url.href} has the sha-256 ${hash}, the manifest says ${shard.sha256}. The file was changed or ` +
        'belongs to another model: copy the whole model folder again.',
    );
  }
}

/** FDRL-ECANet with stored weights: pixels in, logits out. */
export class EmotionModel {
  readonly manifest: ModelManifest;
  readonly #weights: Weights;
  readonly #mean: tf.Tensor;
  readonly #std: tf.Tensor;

  private constructor(manifest: ModelManifest, weights: readonly NamedArray[]) {
    this.manifest = manifest;
    this.#weights = Object.fromEntries(
      weights.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])]),
    );
    this.#mean = tf.tensor1d(manifest.input.mean.map((value) => value * 255));
    this.#std = tf.tensor1d(manifest.input.std.map((value) => value * 255));
  }

  /**
   * Loads a model into TensorFlow.js's current back end; weights that an earlier visit has stored are
   * not downloaded again. Sizes and hashes of all files are checked, wherever they come from;
   * on an insecure page browsers give no way to compute hashes, so there only the sizes are, and the
   * console says so once.
   *
   * @param url - the model's folder or its manifest; relative to the page
   * @throws {EmotionCamError} `manifest-missing`, `manifest-invalid`, `manifest-version`,
   *   `weights-missing`, `weights-truncated`, `weights-hash`
   * @throws the signal's reason, if it is aborted
   */
  static async load(url: string | URL, options: ModelOptions = {}): Promise<EmotionModel> {
    const { onProgress, signal, cache = true } = options;
    const address = manifestUrl(url);
    const manifest = await loadManifest(address, signal);
    const variant = manifest.variants[options.variant ?? manifest.defaultVariant];
    const totalBytes = variantBytes(variant);
    let loadedBytes = 0;
    const handleBytes = (bytes: number): void => {
      loadedBytes += bytes;
      onProgress?.(Math.min(loadedBytes, totalBytes), totalBytes);
    };
    onProgress?.(0, totalBytes);
    const shards = await Promise.all(
      variant.shards.map((shard) =>
        loadShard(shard, new URL(shard.file, address), { cache, onBytes: handleBytes, signal }),
      ),
    );
    const weights = decodeWeights(variant, concatenate(shards));
    signal?.throwIfAborted();
    return new EmotionModel(manifest, weights);
  }

  /**
   * Logits of pictures of faces that were cropped as `manifest.crop` says.
   *
   * @param pixels - RGB, 0..255, [S,S,3] or [N,S,S,3] with S = `manifest.input.size`
   * @returns [N,7] in the order of `manifest.labels`; the caller disposes of it
   */
  predict(pixels: tf.Tensor3D | tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const batch = pixels.rank === 3 ? tf.expandDims(pixels, 0) : pixels; // [N,S,S,3]
      const images: tf.Tensor4D = tf.div(tf.sub(batch, this.#mean), this.#std);
      return infer(images, this.#weights, this.manifest.network);
    });
  }

  /** Frees the weights. */
  dispose(): void {
    tf.dispose([this.#weights, this.#mean, this.#std]);
  }
}
