import { describe, expect, it } from 'vitest';
import { DEFAULT_NETWORK } from '../../src/network/index.js';
import { FLOAT32 } from '../../src/webgpu/storage.js';
import { convolutionShapes } from '../../src/webgpu/time-tilings.js';
import { candidateTilings, chooseTiling, shapeName, tilingName } from '../../src/webgpu/tiling.js';
import { SMALL_NETWORK } from './support/small-network.js';

const SHAPES = [DEFAULT_NETWORK, SMALL_NETWORK].flatMap((config) =>
  convolutionShapes(config, FLOAT32),
);

describe('candidates for the tiling of a convolution', () => {
  it('are asked for once for each convolution that differs', () => {
    expect(convolutionShapes(DEFAULT_NETWORK, FLOAT32).map(shapeName)).toEqual([
      '56x64 to 56x64',
      '56x64 to 28x128 with shortcut',
      '28x128 to 28x128',
      '28x128 to 14x256 with shortcut',
      '14x256 to 14x256',
      '14x256 to 7x512 with shortcut',
      '7x512 to 7x512',
    ]);
  });

  it.each(SHAPES.map((shape) => [shapeName(shape), shape] as const))('of %s differ', (_, shape) => {
    const candidates = candidateTilings(shape);
    const names = candidates.map(tilingName);
    expect(candidates[0]).toEqual(chooseTiling(shape));
    expect(candidates.length).toBeGreaterThan(1);
    expect(new Set(names).size).toBe(names.length);
  });

  it('share the input channels of a slice out without a rest', () => {
    for (const shape of SHAPES) {
      for (const { slices, depthQuads } of candidateTilings(shape)) {
        expect(shape.inputQuads % (slices * depthQuads)).toBe(0);
      }
    }
  });
});
