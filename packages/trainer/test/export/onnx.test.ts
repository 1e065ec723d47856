import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CHANNEL_MEAN, CHANNEL_STD, EMOTIONS, type NetworkConfig } from 'emotion-cam/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { arenaLayout, slotView } from '../../src/arena.js';
import { initialiseBackend } from '../../src/backend.js';
import { encodeOnnx } from '../../src/export/export-onnx.js';
import { compareWithRuntime, toNchw } from '../../src/export/onnx/compare-with-runtime.js';
import { sourceOfFolder, type WeightsSource } from '../../src/export/weights-source.js';
import { foldBatchNorm } from '../../src/fold.js';
import { createRng } from '../../src/rng.js';
import { NARROW_NETWORK, randomArena } from '../support/training.js';

const MODEL = fileURLToPath(new URL('../../../../models/fdrl-ecanet', import.meta.url));
const IMAGE_SIZE = 64;

/** A narrow network with nothing at a special value, running statistics neither. */
function randomSource(over: Partial<NetworkConfig>): WeightsSource {
  const network = { ...NARROW_NETWORK, ...over };
  const layout = arenaLayout(network);
  const arena = randomArena(layout, 4);
  const rng = createRng(5);
  for (const slot of layout.slots) {
    if (slot.kind !== 'statistic') continue;
    const isVariance = slot.name.endsWith('.variance');
    slotView(arena, slot).forEach((_, i, values) => {
      values[i] = isVariance ? rng.uniform(0.5, 2) : rng.uniform(-0.5, 0.5);
    });
  }
  const folded = foldBatchNorm(arena, layout, network);
  return { network, imageSize: IMAGE_SIZE, folded, separate: undefined, metadata: { a: 'b' } };
}

beforeAll(() => initialiseBackend('wasm'));

describe('an ONNX file', () => {
  it.each<[string, Partial<NetworkConfig>]>([
    ['the whole network', {}],
    ['without ECA', { attention: 'none' }],
    ['without FDRL', { head: 'linear' }],
    ['without either', { attention: 'none', head: 'linear' }],
    ['with cosine similarity', { similarity: 'cosine' }],
    ['with Euclidean similarity', { similarity: 'euclidean', delta: 0.3 }],
    ['of another width and depth', { width: 6, blocks: [1, 2, 1], latentFeatures: 5 }],
  ])('gives our logits in onnxruntime, at batches of 1 and 3: %s', async (_, over) => {
    const source = randomSource(over);
    expect(await compareWithRuntime(encodeOnnx(source), source)).toBeLessThan(1e-4);
  });

  it('is not taken for equal to a network that is not quite the same', async () => {
    const file = encodeOnnx(randomSource({ delta: 0.5 }));
    const other = randomSource({ delta: 0.51 });
    expect(await compareWithRuntime(file, other)).toBeGreaterThan(1e-4);
  });

  it('gives the golden logits of the shipped model', async () => {
    const golden = JSON.parse(await readFile(`${MODEL}/golden.json`, 'utf8')) as {
      inputs: number;
      size: number;
      pixels: string;
      variant: { float16: number[][] };
    };
    const { inputs, size } = golden;
    const images = Float32Array.from(
      Buffer.from(golden.pixels, 'base64'),
      (value, i) => (value / 255 - CHANNEL_MEAN[i % 3]!) / CHANNEL_STD[i % 3]!,
    );
    const session = await InferenceSession.create(encodeOnnx(await sourceOfFolder(MODEL)));
    const { logits } = await session.run({
      images: new Tensor('float32', toNchw(images, inputs), [inputs, 3, size, size]),
    });
    expect(logits!.dims).toEqual([inputs, EMOTIONS.length]);
    const expected = golden.variant.float16.flat();
    (logits!.data as Float32Array).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4);
    });
    await session.release();
  });

  it('says which input it expects and leaves the batch free', async () => {
    const session = await InferenceSession.create(encodeOnnx(randomSource({})));
    expect(session.inputMetadata).toMatchObject([
      { name: 'images', type: 'float32', shape: ['batch', 3, IMAGE_SIZE, IMAGE_SIZE] },
    ]);
    expect(session.outputMetadata).toMatchObject([
      { name: 'logits', type: 'float32', shape: ['batch', EMOTIONS.length] },
    ]);
    await session.release();
  });
});
