import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_NETWORK } from '../../src/network/index.js';
import { Completion } from '../../src/webgpu/completion.js';
import { convolutionKernel } from '../../src/webgpu/convolution-kernel.js';
import { FLOAT32 } from '../../src/webgpu/storage.js';
import { candidateTilings, tilingName, type Tiling } from '../../src/webgpu/tiling.js';
import { convolutionShapes, fastestTiling } from '../../src/webgpu/time-tilings.js';
import { SimulatedCard } from './support/simulated-card.js';

/** 14x14 pixels, 256 channels: one of every kind of candidate. */
const SHAPE = convolutionShapes(DEFAULT_NETWORK, FLOAT32)[4]!;
const CANDIDATES = candidateTilings(SHAPE);
const [USUAL, OTHER] = [CANDIDATES[0]!, CANDIDATES[3]!];

describe('timing the tilings of a convolution', () => {
  let card: SimulatedCard;

  beforeEach(() => {
    vi.stubGlobal('GPUBufferUsage', { COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 });
    vi.stubGlobal('GPUShaderStage', { COMPUTE: 4 });
    vi.spyOn(performance, 'now').mockImplementation(() => card.nowMs);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  /** A card on which kernels of this tiling take so long, and all others a millisecond. */
  function cardWith(tiling: Tiling, costMs: number): SimulatedCard {
    const { code } = convolutionKernel(SHAPE, tiling, FLOAT32);
    return (card = new SimulatedCard((one) => (one === code ? costMs : 1)));
  }

  const time = (whenIdle: () => Promise<void> = () => Promise.resolve()): Promise<Tiling> => {
    const completion = new Completion(card.device);
    const timing = { device: card.device, completion, storage: FLOAT32, whenIdle };
    return fastestTiling(SHAPE, DEFAULT_NETWORK, timing);
  };

  it('finds the one that is faster, and frees what it made', async () => {
    cardWith(OTHER, 0.5);
    expect(tilingName(await time())).toBe(tilingName(OTHER));
    expect(card.buffers).toBe(0);
  });

  it('keeps to the usual one where another is hardly faster', async () => {
    cardWith(OTHER, 0.95);
    expect(tilingName(await time())).toBe(tilingName(USUAL));
  });

  it('passes over one that the card does not accept', async () => {
    cardWith(OTHER, NaN);
    expect(tilingName(await time())).toBe(tilingName(USUAL));
    expect(card.buffers).toBe(0);
  });

  it('asks whether the card is idle before everything that it does there', async () => {
    cardWith(OTHER, 0.5);
    const submit = vi.spyOn(card.device.queue, 'submit');
    let asked = 0;
    let most = 0;
    await time(() => {
      most = Math.max(most, submit.mock.calls.length - asked);
      asked = submit.mock.calls.length;
      return Promise.resolve();
    });
    expect(submit.mock.calls.length).toBeGreaterThan(5 * CANDIDATES.length);
    expect(most).toBeLessThanOrEqual(2); // the first, which only warms up, and one more
  });

  it('gives up in the middle, and frees what it made', async () => {
    cardWith(OTHER, 0.5);
    const freed = new Error('freed');
    let turns = 0;
    const stopped = time(() => (++turns > 12 ? Promise.reject(freed) : Promise.resolve()));
    await expect(stopped).rejects.toBe(freed);
    expect(card.buffers).toBe(0);
  });
});
