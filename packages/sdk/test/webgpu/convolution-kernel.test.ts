import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConvolutionSpec } from '../../src/network/weights.js';
import { convolutionKernel, convolutionWorkgroups } from '../../src/webgpu/convolution-kernel.js';
import { quads } from '../../src/webgpu/kernel.js';
import { packConvolution } from '../../src/webgpu/pack-weights.js';
import { FLOAT32 } from '../../src/webgpu/storage.js';
import type { Tiling } from '../../src/webgpu/tiling.js';
import { useBackend } from '../network/support/backends.js';
import { numbers } from '../network/support/numbers.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { packedValues, relativeError } from './support/planned.js';
import { runKernel } from './support/run-kernel.js';

const TOLERANCE = 1e-5;
const TILING: Tiling = {
  rowsPerThread: 4,
  quadsPerThread: 1,
  threadRows: 8,
  threadColumns: 8,
  depthQuads: 4,
  slices: 1,
};

interface Case {
  readonly side: number;
  readonly stride: number;
  readonly channels: readonly [input: number, output: number];
  readonly hasShortcut: boolean;
  readonly tiling: Tiling;
}

/** Sides that fill no tile; channels that do not fill the last one, or do. */
const CASES: readonly (readonly [string, Case])[] = [
  [
    '4x8 outputs a thread',
    {
      side: 7,
      stride: 1,
      channels: [32, 72],
      hasShortcut: false,
      tiling: { ...TILING, quadsPerThread: 2 },
    },
  ],
  [
    '4x4 outputs a thread, two slices',
    {
      side: 5,
      stride: 1,
      channels: [32, 32],
      hasShortcut: false,
      tiling: { ...TILING, slices: 2 },
    },
  ],
  [
    'stride 2 with the shortcut along, an even side',
    { side: 14, stride: 2, channels: [16, 40], hasShortcut: true, tiling: TILING },
  ],
  [
    'stride 2 with the shortcut along, an odd side, two slices',
    {
      side: 9,
      stride: 2,
      channels: [16, 20],
      hasShortcut: true,
      tiling: { ...TILING, threadColumns: 4, depthQuads: 2, slices: 2 },
    },
  ],
  [
    '8x8 outputs a thread, 128 threads',
    {
      side: 7,
      stride: 1,
      channels: [32, 72],
      hasShortcut: false,
      tiling: { ...TILING, rowsPerThread: 8, quadsPerThread: 2, threadRows: 16 },
    },
  ],
  [
    'a depth of 32 channels',
    {
      side: 9,
      stride: 2,
      channels: [32, 40],
      hasShortcut: true,
      tiling: { ...TILING, depthQuads: 8 },
    },
  ],
  [
    'one quad of channels',
    {
      side: 9,
      stride: 1,
      channels: [4, 4],
      hasShortcut: false,
      tiling: { ...TILING, threadColumns: 1, depthQuads: 1 },
    },
  ],
];

/** Adds up the parts of a sliced result. */
function added(parts: Float32Array, slices: number): Float32Array {
  const length = parts.length / slices;
  return Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let slice = 0; slice < slices; slice++) sum += parts[slice * length + i]!;
    return sum;
  });
}

describe('the convolution kernel', SLOW_COMPILER, () => {
  let device: GPUDevice;

  beforeAll(async () => {
    device = await openDevice();
    await useBackend('cpu');
  }, SLOW_COMPILER.timeout);

  afterAll(() => {
    device.destroy();
  });

  it.each(CASES)('equals the cpu back end: %s', async (_, one) => {
    const { side, stride, hasShortcut, tiling } = one;
    const [inputChannels, outputChannels] = one.channels;
    const { slices } = tiling;
    const outputSide = Math.floor((side - 1) / stride) + 1;
    const rows = outputSide ** 2;
    const spec = { inputChannels, outputChannels, stride };
    const conv: ConvolutionSpec = { ...spec, name: 'conv', kernelSize: 3 };
    const shortcut: ConvolutionSpec = { ...spec, name: 'shortcut', kernelSize: 1 };
    const x = numbers(side ** 2 * inputChannels, 1);
    const weights: Record<string, Float32Array> = {
      'conv.weight': numbers(9 * inputChannels * outputChannels, 2),
      'shortcut.weight': numbers(inputChannels * outputChannels, 3),
    };
    const bias = numbers(outputChannels, 4);
    const shape = {
      inputSide: side,
      inputQuads: quads(inputChannels),
      outputSide,
      outputQuads: quads(outputChannels),
      stride,
      hasShortcut,
    };
    const workgroups = convolutionWorkgroups(shape, tiling);
    const sums = workgroups[1] * slices;
    const packed = packConvolution(conv, hasShortcut ? shortcut : undefined, tiling);
    const [y, channelSums, shortcutMap] = await runKernel(
      device,
      convolutionKernel(shape, tiling, FLOAT32),
      workgroups,
      [
        Float32Array.from(x),
        packedValues(packed, weights),
        ...(slices > 1 ? [] : [Float32Array.of(...bias, 0, 0, 0, 0)]),
        slices * rows * outputChannels,
        sums * outputChannels,
        ...(hasShortcut ? [slices * rows * outputChannels] : []),
      ],
    );

    const expected = tf.tidy(() => {
      const images = tf.tensor4d(x, [1, side, side, inputChannels]);
      const filters = tf.tensor4d(weights['conv.weight']!, [3, 3, inputChannels, outputChannels]);
      const raw = tf.conv2d(images, filters, stride, 1);
      const one = tf.tensor4d(weights['shortcut.weight']!, [1, 1, inputChannels, outputChannels]);
      return {
        raw: raw.dataSync<'float32'>(),
        finished: tf.relu(tf.add(raw, tf.tensor1d(bias))).dataSync<'float32'>(),
        sums: tf.sum(raw, [0, 1, 2]).dataSync<'float32'>(),
        shortcut: tf.conv2d(images, one, stride, 0).dataSync<'float32'>(),
      };
    });
    const actual = added(y!, slices);
    const wanted = slices > 1 ? expected.raw : expected.finished;
    expect(relativeError(actual, wanted)).toBeLessThan(TOLERANCE);
    expect(relativeError(added(channelSums!, sums), expected.sums)).toBeLessThan(TOLERANCE);
    if (shortcutMap) {
      expect(relativeError(added(shortcutMap, slices), expected.shortcut)).toBeLessThan(TOLERANCE);
    }
  });
});
