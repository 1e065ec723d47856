import { EMOTIONS } from 'emotion-cam/network';
import { describe, expect, it } from 'vitest';
import type { Dataset, Sample, Split } from '../../src/datasets/dataset.js';
import { fingerprintOf } from '../../src/datasets/fingerprint.js';
import { formatReport } from '../../src/datasets/format-report.js';
import { reportOn, type InspectedSplit } from '../../src/datasets/report.js';
import { sampleAt } from '../support/samples.js';

/** An image by its name, class and content. */
function image(id: string, label: number, hash: string | undefined, group = hash ?? id): Sample {
  return { ...sampleAt(id), label, hash, group };
}

function datasetOf(split: Split, samples: readonly Sample[]): Dataset {
  return {
    name: 'raf-db',
    split,
    layout: 'a layout',
    labels: EMOTIONS,
    frame: { scale: 1, shiftX: 0, shiftY: 0 },
    samples,
    dropped: {},
  };
}

function inspected(split: Split, samples: readonly Sample[]): InspectedSplit {
  const sizes = [{ width: 48, height: 48, count: samples.length }];
  return { dataset: datasetOf(split, samples), unreadable: [], sizes };
}

/** So many different images of every class. */
function ofEveryClass(count: number, prefix = ''): Sample[] {
  return EMOTIONS.flatMap((name, label) =>
    Array.from({ length: count }, (_, i) =>
      image(`${prefix}${name}${i}`, label, `${prefix}${name}${i}`),
    ),
  );
}

describe('the report on a set', () => {
  it('has nothing to warn of where every class has images and none occurs twice', () => {
    const report = reportOn(
      [inspected('train', ofEveryClass(20)), inspected('val', ofEveryClass(10, 'v'))],
      1,
    );
    expect(report.warnings).toEqual([]);
    expect(report.shared).toEqual([]);
    expect(report.splits[0]).toMatchObject({
      split: 'train',
      images: 140,
      groups: 140,
      classCounts: Object.fromEntries(EMOTIONS.map((name) => [name, 20])),
      duplicates: 0,
    });
  });

  it('counts duplicates within a split, and names those with different labels', () => {
    const samples = [
      ...ofEveryClass(10),
      image('a', 0, 'once'),
      image('b', 0, 'twice'),
      image('c', 0, 'twice'),
      image('d', 1, 'conflict'),
      image('e', 2, 'conflict'),
      image('f', 2, 'conflict'),
      image('g', 3, undefined), // unreadable files are not equal to each other
      image('h', 3, undefined),
    ];
    const { splits, warnings } = reportOn([inspected('train', samples)], 1);
    expect(splits[0]).toMatchObject({ duplicates: 3, conflicts: [['d', 'e', 'f']] });
    expect(warnings).toEqual([
      'train has 1 content(s) under different labels, for example d and e and f.',
    ]);
  });

  it('counts contents that two splits share', () => {
    const train = [...ofEveryClass(10), image('a', 0, 'same'), image('b', 1, 'other')];
    const val = [...ofEveryClass(10, 'v'), image('c', 0, 'same'), image('d', 2, 'other')];
    const { shared, warnings } = reportOn([inspected('train', train), inspected('val', val)], 1);
    expect(shared).toEqual([{ splits: ['train', 'val'], contents: 2, conflicts: [['b', 'd']] }]);
    expect(warnings).toEqual(['train and val share 2 content(s), 1 under different labels.']);
  });

  it('does not take train-all for a split of its own', () => {
    const samples = ofEveryClass(10);
    const report = reportOn([inspected('train', samples), inspected('train-all', samples)], 1);
    expect(report.shared).toEqual([]);
  });

  it('warns of classes with no or few images and of unreadable files', () => {
    const samples = ofEveryClass(10).filter(({ label, id }) => label !== 1 && id !== 'fear3');
    const split = inspected('val', samples);
    const unreadable = [{ path: 'x.png', reason: 'x.png is cut short' }];
    const report = reportOn([{ ...split, unreadable }], 1);
    expect(report.warnings).toEqual([
      'val has no image of happiness.',
      'val has few images of a class: 9 of fear.',
      'val has 1 image(s) that cannot be read; left out.',
    ]);
    expect(formatReport(report)).toContain('x.png is cut short');
  });

  it('is a table for people', () => {
    const report = reportOn([inspected('train', ofEveryClass(12))], 2.34, { test: 'held back' });
    const text = formatReport(report);
    expect(text).toContain('raf-db (a layout), read in 2.3 s');
    expect(text).toMatch(/images +groups +neutral +happiness/);
    expect(text).toMatch(/train +84 +84 +12 +12/);
    expect(text).toContain('test: not there');
  });
});

describe('the fingerprint of a split', () => {
  const samples = [image('a', 0, 'x'), image('b', 1, 'y')];
  const original = fingerprintOf(datasetOf('train', samples));

  it('is the same for the same data, wherever it lies', () => {
    const moved = samples.map((sample) => ({
      ...sample,
      source: { kind: 'file', path: `/elsewhere/${sample.id}` } as const,
    }));
    expect(fingerprintOf(datasetOf('train', moved))).toBe(original);
  });

  it.each<[string, readonly Sample[]]>([
    ['an image is gone', samples.slice(1)],
    ['an image is new', [...samples, image('c', 1, 'z')]],
    ['a content', [samples[0]!, image('b', 1, 'other')]],
    ['a label', [samples[0]!, image('b', 2, 'y')]],
    ['a name', [samples[0]!, image('c', 1, 'y')]],
    ['the order', [...samples].reverse()],
    ['a crop', [samples[0]!, { ...samples[1]!, crop: { kind: 'centre-square' } }]],
    ['votes', [samples[0]!, { ...samples[1]!, distribution: [0, 1, 0, 0, 0, 0, 0] }]],
  ])('changes with %s', (_, changed) => {
    expect(fingerprintOf(datasetOf('train', changed))).not.toBe(original);
  });

  it('changes with the meaning of the labels', () => {
    const labels = ['contempt', ...EMOTIONS.slice(1)];
    expect(fingerprintOf({ ...datasetOf('train', samples), labels })).not.toBe(original);
  });
});
