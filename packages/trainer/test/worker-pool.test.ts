import { CLASS_COUNT } from 'emotion-cam/network';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Compiled: the workers are threads that run dist/worker.js.
import { allocateBlocks } from '../dist/datasets/image-blocks.js';
import { foldBatchNorm } from '../dist/fold.js';
import { sharedFloats, WorkerPool } from '../dist/worker-pool.js';
import { arenaLayout } from '../src/arena.js';
import { createRng } from '../src/rng.js';
import { NARROW_NETWORK, randomArena } from './support/training.js';

const SIDE = 32;
const LAYOUT = arenaLayout(NARROW_NETWORK);

let pool: WorkerPool;

beforeAll(async () => {
  pool = await WorkerPool.create({ name: 'wasm', workers: 1, reason: 'the test says so' });
}, 30_000);

afterAll(() => pool.close());

/** An image of noise, and its mirror image. */
async function setMirroredPair(slot: string): Promise<void> {
  const rng = createRng(1);
  const images = allocateBlocks(2, SIDE * SIDE * 3);
  const pixels = images.blocks[0]!;
  for (let i = 0; i < SIDE * SIDE * 3; i++) pixels[i] = rng.integer(256);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const column = pixel % SIDE;
    const from = (pixel - column + SIDE - 1 - column) * 3;
    pixels.copyWithin((SIDE * SIDE + pixel) * 3, from, from + 3);
  }
  const frame = { scale: 1, shiftX: 0, shiftY: 0 };
  const targets = sharedFloats(2 * CLASS_COUNT);
  await pool.setImages(slot, { pixels: images, width: SIDE, height: SIDE, frame, targets });
}

describe('a flipped evaluation', () => {
  it('is the mean of the logits of each image and of its mirror image', async () => {
    await setMirroredPair('pair');
    const network = NARROW_NETWORK;
    const model = { network, weights: foldBatchNorm(randomArena(LAYOUT, 2), LAYOUT, network) };
    const options = { imageSize: SIDE };
    const plain = await pool.evaluate('pair', 2, model, options);
    const flipped = await pool.evaluate('pair', 2, model, { ...options, isFlipped: true });
    for (let k = 0; k < CLASS_COUNT; k++) {
      const mean = (plain[k]! + plain[CLASS_COUNT + k]!) / 2;
      expect(flipped[k]).toBeCloseTo(mean, 5);
      expect(flipped[CLASS_COUNT + k]).toBeCloseTo(mean, 5);
    }
    expect(Math.abs(plain[0]! - plain[CLASS_COUNT]!)).toBeGreaterThan(1e-3);
  });
});
