import { CLASS_COUNT, DEFAULT_NETWORK, parameterCount, weightSpecs } from 'emotion-cam/network';
import { describe, expect, it } from 'vitest';
import {
  arenaLayout,
  CLASS_CENTRES,
  decayMask,
  initialise,
  LATENT_CENTRES,
  slotView,
  type Slot,
} from '../src/arena.js';
import { createRng } from '../src/rng.js';
import { NARROW_NETWORK } from './support/training.js';

describe('arenaLayout', () => {
  it('lays the slots side by side, statistics after everything that is trained', () => {
    const { slots, trainable, total } = arenaLayout(NARROW_NETWORK);
    let offset = 0;
    for (const slot of slots) {
      expect(slot.offset).toBe(offset);
      expect(slot.kind === 'statistic').toBe(offset >= trainable);
      offset += slot.size;
    }
    expect(offset).toBe(total);
  });

  it('holds every weight of the network once', () => {
    const specs = weightSpecs(NARROW_NETWORK, { folded: false });
    const { slots } = arenaLayout(NARROW_NETWORK);
    const names = slots.filter(({ kind }) => kind !== 'centre').map(({ name }) => name);
    expect(names.sort()).toEqual(specs.map(({ name }) => name).sort());
  });

  it("trains the paper's parameters and the centres of both losses", () => {
    const centres = 9 * 128 + CLASS_COUNT * 9;
    expect(arenaLayout(DEFAULT_NETWORK).trainable).toBe(12_065_643 + centres);
    const { slots } = arenaLayout(DEFAULT_NETWORK);
    const shapes = slots
      .filter(({ kind }) => kind === 'centre')
      .map(({ name, shape }) => [name, shape]);
    expect(shapes).toEqual([
      [LATENT_CENTRES, [9, 128]],
      [CLASS_CENTRES, [7, 9]],
    ]);
  });

  it('has no centres with a linear head', () => {
    const network = { ...NARROW_NETWORK, head: 'linear' } as const;
    expect(arenaLayout(network).trainable).toBe(parameterCount(network));
  });
});

/** Large arrays are compared as bytes: expect takes seconds. */
const bytes = (array: Float32Array): Buffer => Buffer.from(array.buffer);

describe('initialise', () => {
  const layout = arenaLayout({ ...DEFAULT_NETWORK, width: 8 });
  const arena = new Float32Array(layout.total).fill(Number.NaN);
  initialise(arena, layout, createRng(1));
  const values = (name: string): Float32Array =>
    slotView(
      arena,
      layout.slots.find((slot) => slot.name === name)!,
    );
  const deviation = (name: string): number =>
    Math.sqrt(values(name).reduce((sum, value) => sum + value ** 2, 0) / values(name).length);

  it.each([
    ['stem.weight', 7 * 7 * 3],
    ['stage4.block2.conv2.weight', 3 * 3 * 64],
    ['stage2.block1.shortcut.weight', 8],
    ['fdn.weight', 64],
    ['frn.intra.weight', 128], // each of the M layers has D inputs
    ['frn.inter.weight', 128],
  ])("draws %s from He's distribution of %i inputs", (name, inputs) => {
    expect(deviation(name) / Math.sqrt(2 / inputs)).toBeCloseTo(1, 0);
    expect(Math.abs(deviation(name) / Math.sqrt(2 / inputs) - 1)).toBeLessThan(0.1);
  });

  it('makes the first predictions nearly even', () => {
    expect(Math.abs(deviation('epn.weight') / 0.01 - 1)).toBeLessThan(0.1);
  });

  it.each([
    ['stem.gamma', 1],
    ['stem.beta', 0],
    ['stem.mean', 0],
    ['stem.variance', 1],
    ['fdn.bias', 0],
    [CLASS_CENTRES, 0.5], // where the alphas begin: the mean of sigmoids of 0
    [LATENT_CENTRES, 0],
  ])('fills %s with %d', (name, expected) => {
    expect(values(name).every((value) => value === expected)).toBe(true);
  });

  it('leaves no value out and repeats itself for the same seed', () => {
    const again = new Float32Array(layout.total);
    const isEqual = (): boolean => Buffer.compare(bytes(again), bytes(arena)) === 0;
    initialise(again, layout, createRng(1));
    expect(arena.every((value) => Number.isFinite(value))).toBe(true);
    expect(isEqual()).toBe(true);
    initialise(again, layout, createRng(2));
    expect(isEqual()).toBe(false);
  });
});

describe('decayMask', () => {
  it('is the decay on kernels and nothing else', () => {
    const layout = arenaLayout(NARROW_NETWORK);
    const mask = new Float32Array(layout.trainable);
    decayMask(layout, 0.25, mask);
    const decayed = (slot: Slot): boolean => slotView(mask, slot).every((value) => value === 0.25);
    const free = (slot: Slot): boolean => slotView(mask, slot).every((value) => value === 0);
    for (const slot of layout.slots.filter(({ kind }) => kind !== 'statistic')) {
      expect(slot.kind === 'kernel' ? decayed(slot) : free(slot), slot.name).toBe(true);
    }
  });
});
