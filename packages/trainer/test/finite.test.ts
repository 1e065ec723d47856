import { describe, expect, it } from 'vitest';
import { TrainerError } from '../src/errors.js';
import { requireFiniteLoss, requireFiniteWeights } from '../src/finite.js';
import type { StepResult } from '../src/step.js';

const GOOD: StepResult = {
  loss: 2,
  classification: 1.9,
  compactness: 300,
  distribution: 0.01,
  distillation: 0,
  correct: 3,
  count: 16,
};
const POSITION = { stage: 1, epoch: 4, step: 22 };

function refusal(result: Partial<StepResult>): TrainerError | undefined {
  try {
    requireFiniteLoss({ ...GOOD, ...result }, POSITION);
  } catch (error) {
    if (error instanceof TrainerError) return error;
    throw error;
  }
  return undefined;
}

describe('a loss', () => {
  it('that is a number lets the run go on', () => {
    expect(refusal({})).toBeUndefined();
  });

  it.each([
    ['classification', 'classification (L_cls) is NaN'],
    ['compactness', 'compactness (L_C) is NaN'],
    ['distribution', 'distribution (L_D) is NaN'],
    ['distillation', 'distillation (the teacher) is NaN'],
  ] as const)('whose %s term is none stops it, naming the term alone', (term, text) => {
    const error = refusal({ loss: NaN, [term]: NaN });
    expect(error?.code).toBe('training-diverged');
    expect(error?.message).toContain(`at stage 2, epoch 5, step 23: ${text}. `);
  });

  it('names every term that is none, and says where only the sum is none', () => {
    const error = refusal({ loss: NaN, compactness: Infinity, distribution: NaN });
    expect(error?.message).toContain('compactness (L_C) is Infinity, distribution (L_D) is NaN');
    expect(refusal({ loss: Infinity })?.message).toContain('each term is finite, their sum is not');
  });
});

describe('weights', () => {
  it('with a value that is no number are not saved', () => {
    expect(() => {
      requireFiniteWeights(Float32Array.of(1, -2));
    }).not.toThrow();
    expect(() => {
      requireFiniteWeights(Float32Array.of(1, NaN));
    }).toThrow('no finite numbers');
  });
});
