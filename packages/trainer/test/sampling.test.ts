import { describe, expect, it } from 'vitest';
import { drawEpoch, epochSize, type EpochOptions, type SampledSet } from '../src/sampling.js';

/** A set with so many images of each class. */
function setOf(slot: string, classCounts: readonly number[], share = 1): SampledSet {
  return { slot, share, labels: classCounts.flatMap((n, label) => Array<number>(n).fill(label)) };
}

const PLAIN: EpochOptions = { seed: 1, stage: 0, epoch: 0, imagesPerEpoch: 0, classBalance: 0 };

/** How often each image of a slot comes up. */
function counts(items: ReturnType<typeof drawEpoch>, set: SampledSet): number[] {
  const found = set.labels.map(() => 0);
  for (const { slot, index } of items) if (slot === set.slot) found[index]! += 1;
  return found;
}

/** How often each class of a set comes up. */
function classCounts(items: ReturnType<typeof drawEpoch>, set: SampledSet): number[] {
  const found = Array<number>(Math.max(...set.labels) + 1).fill(0);
  for (const { slot, index } of items) if (slot === set.slot) found[set.labels[index]!]! += 1;
  return found;
}

describe('an epoch of one set', () => {
  const set = setOf('a', [20, 10]);

  it('holds every image once, in another order each epoch', () => {
    const [first, second] = [0, 1].map((epoch) => drawEpoch([set], { ...PLAIN, epoch }));
    expect(counts(first!, set)).toEqual(set.labels.map(() => 1));
    expect(counts(second!, set)).toEqual(set.labels.map(() => 1));
    const order = (items: typeof first): number[] => items!.map(({ index }) => index);
    expect(order(first)).not.toEqual(order(second));
    expect(order(first)).not.toEqual(set.labels.map((_, index) => index));
  });

  it('is the same whenever it is drawn, and another for another seed or stage', () => {
    const draw = (options: Partial<EpochOptions>): unknown =>
      drawEpoch([set], { ...PLAIN, epoch: 3, ...options });
    expect(draw({})).toEqual(draw({}));
    expect(draw({ seed: 2 })).not.toEqual(draw({}));
    expect(draw({ stage: 1 })).not.toEqual(draw({}));
  });

  it('gives no two of its images the same random numbers', () => {
    const items = drawEpoch([set], { ...PLAIN, imagesPerEpoch: 90 });
    expect(new Set(items.map(({ stream }) => stream.join())).size).toBe(90);
  });

  it('shorter than the set, goes on in the next epoch where it stopped', () => {
    const epochs = [0, 1, 2].map((epoch) =>
      drawEpoch([set], { ...PLAIN, epoch, imagesPerEpoch: 10 }),
    );
    expect(counts(epochs.flat(), set)).toEqual(set.labels.map(() => 1));
  });

  it('longer than the set, uses no image twice more than another', () => {
    const found = counts(drawEpoch([set], { ...PLAIN, epoch: 1, imagesPerEpoch: 75 }), set);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...found)).toBeLessThanOrEqual(4);
  });
});

describe('class balance', () => {
  const set = setOf('a', [640, 0, 40, 10]);

  it('of 1 draws every class that the set has alike', () => {
    const items = drawEpoch([set], { ...PLAIN, imagesPerEpoch: 300, classBalance: 1 });
    expect(classCounts(items, set)).toEqual([100, 0, 100, 100]);
  });

  it('in between draws an image in proportion to a power of its class', () => {
    // n * n^-0.5: sqrt(640), sqrt(40), sqrt(10) = 8 : 2 : 1 times sqrt(10); of 1100: 800, 200, 100
    const items = drawEpoch([set], { ...PLAIN, imagesPerEpoch: 1100, classBalance: 0.5 });
    expect(classCounts(items, set)).toEqual([800, 0, 200, 100]);
  });

  it('uses all images of a class before one comes up again, over epochs too', () => {
    const epochs = [0, 1].map((epoch) =>
      drawEpoch([set], { ...PLAIN, epoch, imagesPerEpoch: 15, classBalance: 1 }),
    );
    const rare = counts(epochs.flat(), set).slice(680); // five a class and epoch
    expect(rare).toEqual(Array<number>(10).fill(1));
  });
});

describe('an epoch of several sets', () => {
  const sets = [setOf('own', [30, 10], 0.8), setOf('other', [500], 0.2)];

  it('takes from each its share, mixed', () => {
    const items = drawEpoch(sets, { ...PLAIN, imagesPerEpoch: 100 });
    const slots = items.map(({ slot }) => slot);
    expect(slots.filter((slot) => slot === 'other')).toHaveLength(20);
    expect(slots.lastIndexOf('own')).toBeGreaterThan(slots.indexOf('other'));
  });

  it('is so long that each image of the own set comes up once, unless told otherwise', () => {
    expect(epochSize(0, sets)).toBe(50);
    expect(epochSize(64, sets)).toBe(64);
    const items = drawEpoch(sets, PLAIN);
    expect(items).toHaveLength(50);
    expect(counts(items, sets[0]!)).toEqual(Array<number>(40).fill(1));
  });
});
