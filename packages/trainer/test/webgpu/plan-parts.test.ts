import { describe, expect, it } from 'vitest';
import { arenaLayout } from '../../src/arena.js';
import { planBuffers } from '../../src/webgpu/buffer-plan.js';
import { deviceLayout, fromDevice, toDevice } from '../../src/webgpu/device-layout.js';
import { LINEAR_THREADS, linearWorkgroups } from '../../src/webgpu/kernel.js';
import { NARROW_NETWORK } from '../support/training.js';

describe('buffers of a plan', () => {
  const value = (label: string, bytes = 16): { label: string; bytes: number } => ({ label, bytes });

  it('are shared by values that are not needed at the same time', () => {
    const [a, b, c, d] = [value('a'), value('b'), value('c'), value('d')];
    const { buffers, bytes } = planBuffers(
      [{ bound: [a, b] }, { bound: [b, c] }, { bound: [c, d] }],
      new Set(),
    );
    expect(buffers.get(c)).toBe(buffers.get(a)); // a was read for the last time before
    expect(buffers.get(b)).not.toBe(buffers.get(a));
    expect(buffers.get(d)).toBe(buffers.get(b));
    expect(bytes).toHaveLength(2);
  });

  it('are their own for values that are kept, and not given to much smaller ones', () => {
    const [kept, large, small] = [value('kept', 64), value('large', 1024), value('small', 16)];
    const { bytes } = planBuffers(
      [{ bound: [kept, large] }, { bound: [kept, small] }],
      new Set([kept]),
    );
    expect(bytes).toEqual([64, 1024, 16]);
  });
});

describe("the device's layout", () => {
  const layout = arenaLayout(NARROW_NETWORK);
  const device = deviceLayout(layout);

  it('begins every slot where it can be bound, kernels before all else, statistics last', () => {
    for (const { name, kind, size } of layout.slots) {
      const offset = device.offsets.get(name)!;
      expect(offset % 64).toBe(0);
      const [from, to] =
        kind === 'kernel'
          ? [0, device.kernels]
          : kind === 'statistic'
            ? [device.trainable, device.total]
            : [device.kernels, device.trainable];
      expect(offset, name).toBeGreaterThanOrEqual(from);
      expect(offset + size, name).toBeLessThanOrEqual(to);
    }
  });

  it.each([layout.total, layout.trainable])('takes %i values there and back', (length) => {
    const values = Float32Array.from({ length }, (_, i) => i + 1);
    const there = new Float32Array(device.total);
    const back = new Float32Array(length);
    toDevice(values, layout, device, there);
    fromDevice(there, layout, device, back);
    expect(back).toEqual(values);
    expect(there.filter((one) => one !== 0)).toHaveLength(length);
  });
});

it('more workgroups than fit into one dimension of a dispatch take a second one', () => {
  expect(linearWorkgroups(1)).toEqual([1, 1]);
  for (const count of [
    65_535 * LINEAR_THREADS,
    65_535 * LINEAR_THREADS + 1,
    128 * 112 * 112 * 16,
  ]) {
    const [x, y] = linearWorkgroups(count);
    expect(Math.max(x, y)).toBeLessThanOrEqual(65_535);
    expect(x * y * LINEAR_THREADS).toBeGreaterThanOrEqual(count);
    expect(x * y * LINEAR_THREADS).toBeLessThan(count * 1.01 + LINEAR_THREADS);
  }
});
