import { manifestUrl } from './assets.js';
import { concatenate } from './bytes.js';
import { download } from './download.js';
import { EmotionCamError } from './errors.js';
import { firstGoldenPicture, type GoldenPicture } from './network/golden.js';
import {
  parseManifest,
  variantBytes,
  type ModelManifest,
  type ShardEntry,
  type WeightsPrecision,
  type WeightsVariant,
} from './network/manifest.js';
import { sha256 } from './sha256.js';
import { readStored, removeStored, store } from './weights-cache.js';

/** How a model is loaded. */
export interface ModelOptions {
  /** Which stored precision to fetch. Default: the manifest's `defaultVariant`. */
  readonly variant?: WeightsPrecision | undefined;
  /** Called as bytes of the weights arrive; `total` is known from the start. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Called when all weights are there. */
  readonly onLoaded?: (() => void) | undefined;
  /** Keeps the weights in the browser's Cache storage, and takes them from there. Default: `true`. */
  readonly cache?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
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

/** A file whose content the manifest names; how long it is, it does not say of every file. */
type NamedFile = Pick<ShardEntry, 'sha256'> & Partial<ShardEntry>;

/** A file from an earlier visit or else from the server. */
async function loadFile(
  entry: NamedFile,
  url: URL,
  options: {
    what: string;
    cache: boolean;
    onBytes?: (bytes: number) => void;
    signal: AbortSignal | undefined;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { cache, ...transfer } = options;
  const stored = cache ? await readStored(url, entry.sha256) : undefined;
  if (stored) {
    try {
      await check(stored, entry, url);
      transfer.onBytes?.(stored.length);
      return stored;
    } catch {
      await removeStored(url, entry.sha256); // damaged since: the server still has it
    }
  }
  const bytes = await download(url, {
    codes: { missing: 'weights-missing', broken: 'weights-truncated' },
    ...transfer,
  });
  await check(bytes, entry, url);
  if (cache) await store(url, entry.sha256, bytes);
  return bytes;
}

/** @throws {EmotionCamError} `weights-truncated`, `weights-hash` */
async function check(bytes: Uint8Array<ArrayBuffer>, entry: NamedFile, url: URL): Promise<void> {
  if (entry.bytes !== undefined && bytes.length !== entry.bytes) {
    throw new EmotionCamError(
      'weights-truncated',
      `${url.href} has ${bytes.length} bytes, the manifest says ${entry.bytes}. Copy the file again.`,
    );
  }
  const hash = await sha256(bytes);
  if (hash !== undefined && hash !== entry.sha256) {
    throw new EmotionCamError(
      'weights-hash',
      `${url.href} has the sha-256 ${hash}, the manifest says ${entry.sha256}. The file was changed or ` +
        'belongs to another model: copy the whole model folder again.',
    );
  }
}

/** A model's files: the manifest, which is read, and the others, which can be. */
export class ModelFiles {
  readonly manifest: ModelManifest;
  /** Which of the stored precisions is read. */
  readonly precision: WeightsPrecision;
  readonly #url: URL;
  readonly #options: ModelOptions;

  private constructor(manifest: ModelManifest, url: URL, options: ModelOptions) {
    this.manifest = manifest;
    this.precision = options.variant ?? manifest.defaultVariant;
    this.#url = url;
    this.#options = options;
  }

  /**
   * Reads the manifest.
   *
   * @param url - the model's folder or its manifest; relative to the page
   * @throws {EmotionCamError} `manifest-missing`, `manifest-invalid`, `manifest-version`
   * @throws the signal's reason, if it is aborted
   */
  static async open(url: string | URL, options: ModelOptions = {}): Promise<ModelFiles> {
    const address = manifestUrl(url);
    return new ModelFiles(await loadManifest(address, options.signal), address, options);
  }

  /** What the manifest says of the weights that are read. */
  get variant(): WeightsVariant {
    return this.manifest.variants[this.precision];
  }

  /**
   * The weights as they are stored; what an earlier visit has stored is not downloaded again. Sizes and
   * hashes of all files are checked, wherever they come from; on an insecure page browsers give no way
   * to compute hashes, so there only the sizes are, and the console says so once.
   *
   * @throws {EmotionCamError} `weights-missing`, `weights-truncated`, `weights-hash`
   * @throws the signal's reason, if it is aborted
   */
  async loadWeights(): Promise<Uint8Array<ArrayBuffer>> {
    const { onProgress, signal, cache = true } = this.#options;
    const totalBytes = variantBytes(this.variant);
    let loadedBytes = 0;
    const handleBytes = (bytes: number): void => {
      loadedBytes += bytes;
      onProgress?.(Math.min(loadedBytes, totalBytes), totalBytes);
    };
    onProgress?.(0, totalBytes);
    const shards = this.variant.shards.map((shard) =>
      loadFile(shard, new URL(shard.file, this.#url), {
        what: "the model's weights",
        cache,
        onBytes: handleBytes,
        signal,
      }),
    );
    const bytes = concatenate(await Promise.all(shards));
    signal?.throwIfAborted();
    return bytes;
  }

  /**
   * A picture with the logits that the weights give for it; kept as the weights are.
   *
   * @throws {EmotionCamError} `weights-missing`, `weights-truncated`, `weights-hash`
   * @throws {SyntaxError | JsonFieldError} the file is not what a model's export writes
   * @throws the signal's reason, if it is aborted
   */
  async loadGolden(): Promise<GoldenPicture> {
    const { signal, cache = true } = this.#options;
    const { golden } = this.manifest;
    const bytes = await loadFile({ sha256: golden.sha256 }, new URL(golden.file, this.#url), {
      what: "the model's test picture",
      cache,
      signal,
    });
    return firstGoldenPicture(JSON.parse(new TextDecoder().decode(bytes)), this.precision);
  }
}
