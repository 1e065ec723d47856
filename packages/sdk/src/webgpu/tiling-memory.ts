import { withCache } from '../cache-storage.js';
import type { Storage } from './storage.js';
import {
  candidateTilings,
  chooseTiling,
  shapeName,
  tilingName,
  type ConvolutionShape,
  type Tiling,
} from './tiling.js';

/** Name of the store that the browser keeps for this origin. */
const CACHE = 'emotion-cam-tilings';
/** Of the kernels: raised when they change so that other tilings may be the fastest. */
const KERNELS = 1;

/** The entry's address, which is never fetched: another card or other kernels are another entry. */
function keyOf(info: GPUAdapterInfo, { type }: Storage): string {
  const { vendor, architecture, device, description } = info;
  const names = { vendor, architecture, device, description, type, kernels: String(KERNELS) };
  return `https://emotion-cam.invalid/tilings?${new URLSearchParams(names).toString()}`;
}

/** The tilings that an earlier visit found to be the fastest on this graphics card. */
export class TilingMemory {
  readonly #key: string;
  /** Names of tilings by the names of shapes. */
  #names: Map<string, string>;

  private constructor(key: string, names: Map<string, string>) {
    this.#key = key;
    this.#names = names;
  }

  /**
   * Reads what is stored. An entry that is broken, or names a tiling that is none, is thrown away.
   *
   * @param shapes - of the convolutions that will be asked for; other networks' stay in the entry
   */
  static async open(
    info: GPUAdapterInfo,
    storage: Storage,
    shapes: readonly ConvolutionShape[],
  ): Promise<TilingMemory> {
    const key = keyOf(info, storage);
    const text = await withCache(CACHE, async (cache) => (await cache.match(key))?.text());
    const names = text === undefined ? new Map<string, string>() : parse(text);
    const isSound = (shape: ConvolutionShape): boolean => {
      const name = names?.get(shapeName(shape));
      return name === undefined || candidateTilings(shape).some((one) => tilingName(one) === name);
    };
    if (names && shapes.every(isSound)) return new TilingMemory(key, names);
    await withCache(CACHE, (cache) => cache.delete(key));
    return new TilingMemory(key, new Map());
  }

  /** Whether there is a tiling of this shape. */
  has(shape: ConvolutionShape): boolean {
    return this.#names.has(shapeName(shape));
  }

  /** The fastest, or the usual one where nothing is known. */
  choose(shape: ConvolutionShape): Tiling {
    const name = this.#names.get(shapeName(shape));
    return candidateTilings(shape).find((one) => tilingName(one) === name) ?? chooseTiling(shape);
  }

  /** Stores the tilings of these shapes for later visits, beside others. */
  async remember(chosen: readonly (readonly [ConvolutionShape, Tiling])[]): Promise<void> {
    for (const [shape, tiling] of chosen) this.#names.set(shapeName(shape), tilingName(tiling));
    const body = JSON.stringify(Object.fromEntries(this.#names));
    await withCache(CACHE, (cache) => cache.put(this.#key, new Response(body)));
  }
}

/** @returns undefined: it is not what `remember` writes */
function parse(text: string): Map<string, string> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
    const entries = Object.entries(json as Record<string, unknown>);
    const isName = (entry: [string, unknown]): entry is [string, string] =>
      typeof entry[1] === 'string';
    return entries.every(isName) ? new Map(entries) : undefined;
  } catch {
    return undefined;
  }
}
