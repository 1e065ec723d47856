import type { CropTransform } from '../face-crop.js';
import type { FaceNetwork } from '../face-network.js';
import type { GoldenPicture } from '../network/golden.js';

/** Difference of logits to the golden ones, relative to the largest of them. float16 makes up to 0.01. */
const TOLERANCE = 0.03;
/** The crop is the picture. */
const UNTOUCHED: CropTransform = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

/** The graphics card does not run the network, or not rightly. */
export class SelfTestError extends Error {
  override readonly name = 'SelfTestError';
}

export function unusable(cause: unknown): SelfTestError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SelfTestError(`WebGPU could not be tested: ${why}`, { cause });
}

/**
 * Runs the model's test picture through everything that a face goes through.
 *
 * @throws {SelfTestError}
 */
export async function selfTest(
  network: FaceNetwork,
  { size, pixels, logits }: GoldenPicture,
): Promise<void> {
  let computed: Float32Array;
  try {
    ({ logits: computed } = await network.classify(toImageData(pixels, size), UNTOUCHED));
  } catch (error) {
    throw unusable(error);
  }
  const largest = Math.max(...logits.map(Math.abs));
  const error = Math.max(...logits.map((z, i) => Math.abs(z - computed[i]!))) / largest;
  if (error <= TOLERANCE) return; // NaN is not
  throw new SelfTestError(
    `WebGPU computes wrongly here: on the model's test picture it is off by ${percent(error)}, ` +
      `expected at most ${percent(TOLERANCE)}.`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** @param pixels - RGB, [S,S,3] */
function toImageData(pixels: Uint8Array, size: number): ImageData {
  const picture = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    picture.data.set(pixels.subarray(3 * i, 3 * i + 3), 4 * i);
    picture.data[4 * i + 3] = 255;
  }
  return picture;
}
