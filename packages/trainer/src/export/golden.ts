import {
  CHANNEL_MEAN,
  CHANNEL_STD,
  CLASS_COUNT,
  type Golden,
  type NamedArray,
  type NetworkConfig,
  type WeightsPrecision,
} from 'emotion-cam/network';
import { createRng } from '../rng.js';
import { Evaluator } from '../step.js';

const GOLDEN_SEED = 7;
const GOLDEN_COUNT = 2;

/** Smooth colour gradients with a few soft blobs, so that all layers have something to answer. */
function drawPicture(size: number, picture: number): Uint8Array {
  const rng = createRng(GOLDEN_SEED, picture);
  const blobs = Array.from({ length: 6 }, () => ({
    x: rng.uniform(),
    y: rng.uniform(),
    radius: rng.uniform(0.05, 0.3),
    colour: [0, 1, 2].map(() => rng.uniform(-120, 120)),
  }));
  const base = [0, 1, 2].map(() => rng.uniform(70, 180));
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = blobs.reduce((sum, blob) => {
          const dx = x / size - blob.x;
          const dy = y / size - blob.y;
          const share = Math.exp(-(dx * dx + dy * dy) / (blob.radius * blob.radius));
          return sum + share * blob.colour[channel]!;
        }, base[channel]!);
        pixels[(y * size + x) * 3 + channel] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
  return pixels;
}

/**
 * Draws the pictures and computes their logits on the back end in use.
 *
 * @param full - the folded weights in full precision
 * @param stored - the same after a round trip through each variant
 */
export async function makeGolden(
  network: NetworkConfig,
  size: number,
  full: readonly NamedArray[],
  stored: Readonly<Record<WeightsPrecision, readonly NamedArray[]>>,
): Promise<Golden> {
  const pictures = Array.from({ length: GOLDEN_COUNT }, (_, index) => drawPicture(size, index));
  const bytes = Buffer.concat(pictures);
  const input = Float32Array.from(bytes, (value, i) => {
    const channel = i % 3;
    return (value / 255 - CHANNEL_MEAN[channel]!) / CHANNEL_STD[channel]!;
  });
  const logitsOf = async (weights: readonly NamedArray[]): Promise<number[][]> => {
    const evaluator = new Evaluator(weights, network);
    const logits = await evaluator.logits(input, GOLDEN_COUNT, size);
    evaluator.dispose();
    return pictures.map((_, row) => [
      ...logits.subarray(row * CLASS_COUNT, (row + 1) * CLASS_COUNT),
    ]);
  };
  return {
    kind: 'generated',
    seed: GOLDEN_SEED,
    inputs: GOLDEN_COUNT,
    size,
    pixels: bytes.toString('base64'),
    logits: await logitsOf(full),
    variant: { float16: await logitsOf(stored.float16), uint8: await logitsOf(stored.uint8) },
  };
}
