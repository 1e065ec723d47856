import { EMOTIONS } from 'emotion-cam/network';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../src/datasets/dataset.js';
import { assignFolds, partOfFold, type FoldConfig, type FoldSplit } from '../src/folds.js';
import { createRng } from '../src/rng.js';
import { sampleAt } from './support/samples.js';

/** Subjects with three images of each of some classes; rare classes have few subjects. */
function subjectSet(subjects: number): Sample[] {
  const rng = createRng(7);
  const samples: Sample[] = [];
  for (let subject = 0; subject < subjects; subject++) {
    EMOTIONS.forEach((_, label) => {
      if (rng.uniform() > 1 / (1 + label / 2)) return;
      for (let frame = 0; frame < 3; frame++) {
        const id = `s${subject}-${label}-${frame}`;
        samples.push({ ...sampleAt(id), label, group: `s${subject}` });
      }
    });
  }
  return samples;
}

const SAMPLES = subjectSet(60);
const FOLD: FoldConfig = {
  dataset: 'ck-plus',
  protocol: 'image',
  folds: 10,
  index: 3,
  seed: 5,
  select: 'validation',
};
const byGroup = (fold: FoldConfig): FoldConfig => ({ ...fold, protocol: 'group' });

/** Images of each class in each fold, [folds][classes]. */
function countsOf(samples: readonly Sample[], fold: FoldConfig): number[][] {
  const counts = Array.from({ length: fold.folds }, () => EMOTIONS.map(() => 0));
  assignFolds(samples, fold).forEach((k, i) => (counts[k]![samples[i]!.label]! += 1));
  return counts;
}

const idsOf = (fold: FoldConfig, split: FoldSplit): string[] =>
  partOfFold(SAMPLES, fold, split).map(({ id }) => id);

describe('folds by image', () => {
  it('spread every class, and the whole, to within one image', () => {
    const counts = countsOf(SAMPLES, FOLD);
    const sizes = counts.map((fold) => fold.reduce((a, b) => a + b));
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    EMOTIONS.forEach((emotion, label) => {
      const ofClass = counts.map((fold) => fold[label]!);
      expect(Math.max(...ofClass) - Math.min(...ofClass), emotion).toBeLessThanOrEqual(1);
    });
  });
});

describe('folds by group', () => {
  it('never split a group', () => {
    const foldOf = assignFolds(SAMPLES, byGroup(FOLD));
    const folds = new Map<string, Set<number>>();
    SAMPLES.forEach(({ group }, i) => {
      folds.set(group, (folds.get(group) ?? new Set()).add(foldOf[i]!));
    });
    expect(folds.size).toBe(new Set(SAMPLES.map(({ group }) => group)).size);
    expect([...folds.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it('spread every class to within two groups of three images around the mean', () => {
    const counts = countsOf(SAMPLES, byGroup(FOLD));
    EMOTIONS.forEach((emotion, label) => {
      const ofClass = counts.map((fold) => fold[label]!);
      const mean = ofClass.reduce((a, b) => a + b) / ofClass.length;
      for (const count of ofClass) expect(Math.abs(count - mean), emotion).toBeLessThanOrEqual(6);
    });
  });

  it('are refused where there are more folds than groups', () => {
    const few = SAMPLES.filter(({ group }) => ['s0', 's1', 's2'].includes(group));
    expect(() => assignFolds(few, byGroup(FOLD))).toThrow(
      expect.objectContaining({
        code: 'argument-invalid',
        message: expect.stringMatching(/in 3 groups .* too few for 10 folds/) as string,
      }),
    );
  });
});

describe.each([FOLD, byGroup(FOLD)])('the folds of the protocol $protocol', (fold) => {
  it('test every image exactly once', () => {
    const tested = Array.from({ length: fold.folds }, (_, index) =>
      idsOf({ ...fold, index }, 'test'),
    ).flat();
    expect(tested.sort()).toEqual(SAMPLES.map(({ id }) => id).sort());
  });

  it('part the set into training, validation and test', () => {
    const parts = (['train', 'val', 'test'] as const).map((split) => idsOf(fold, split));
    expect(parts.flat().sort()).toEqual(SAMPLES.map(({ id }) => id).sort());
    expect(parts.every(({ length }) => length > 0)).toBe(true);
    expect(idsOf(fold, 'train-all').sort()).toEqual([...parts[0]!, ...parts[1]!].sort());
  });

  it('choose on the next fold, and the last on the first', () => {
    for (const index of [3, 9]) {
      const next = { ...fold, index: (index + 1) % fold.folds };
      expect(idsOf({ ...fold, index }, 'val')).toEqual(idsOf(next, 'test'));
    }
  });

  it('choose on the measured images only where asked, and then train on all others', () => {
    const optimistic: FoldConfig = { ...fold, select: 'test' };
    expect(idsOf(optimistic, 'val')).toEqual(idsOf(fold, 'test'));
    expect(idsOf(optimistic, 'train')).toEqual(idsOf(fold, 'train-all'));
  });

  it('are the same for a seed in whatever order the samples come, and others for another', () => {
    const shuffled = createRng(1).shuffle([...SAMPLES]);
    const foldOfId = (samples: readonly Sample[], seed: number): Record<string, number> => {
      const foldOf = assignFolds(samples, { ...fold, seed });
      return Object.fromEntries(samples.map(({ id }, i) => [id, foldOf[i]!]));
    };
    expect(foldOfId(shuffled, 5)).toEqual(foldOfId(SAMPLES, 5));
    expect(foldOfId(SAMPLES, 6)).not.toEqual(foldOfId(SAMPLES, 5));
  });
});
