import { describe, expect, it } from 'vitest';
import { DEFAULT_STAGE, type StageConfig } from '../src/config.js';
import { learningRateAt } from '../src/schedule.js';

describe('the step schedule', () => {
  it('is that of the paper: a tenth every seven epochs', () => {
    const perEpoch = 10;
    const at = (epoch: number, step = 0): number =>
      learningRateAt(DEFAULT_STAGE, epoch * perEpoch + step, perEpoch);
    expect(at(0)).toBe(1e-4);
    expect(at(6, perEpoch - 1)).toBe(1e-4);
    expect(at(7)).toBeCloseTo(1e-5, 12);
    expect(at(13, perEpoch - 1)).toBeCloseTo(1e-5, 12);
    expect(at(14)).toBeCloseTo(1e-6, 12);
    expect(at(59)).toBeCloseTo(1e-12, 18);
  });
});

describe('the cosine schedule', () => {
  const stage: StageConfig = {
    ...DEFAULT_STAGE,
    epochs: 5,
    learningRate: 1e-3,
    schedule: { kind: 'cosine', warmUpEpochs: 1 },
  };
  const at = (step: number): number => learningRateAt(stage, step, 20); // 100 steps: 0 .. 99

  it('warms up in equal steps and reaches its peak at the end of the warm-up', () => {
    expect(at(0)).toBeCloseTo(5e-5, 10);
    expect(at(9)).toBeCloseTo(5e-4, 10);
    expect(at(19)).toBeCloseTo(1e-3, 10);
  });

  it('then follows half a cosine towards 0, which its last step does not reach', () => {
    expect(at(20)).toBeCloseTo(1e-3, 10);
    expect(at(40)).toBeCloseTo((1e-3 * (1 + Math.SQRT1_2)) / 2, 10); // a quarter: cos(pi / 4)
    expect(at(60)).toBeCloseTo(5e-4, 10);
    expect(at(99)).toBeGreaterThan(0);
    expect(at(99)).toBeLessThan(1e-6);
  });

  it('can do without a warm-up, or with one of part of an epoch', () => {
    const of = (warmUpEpochs: number, step: number): number =>
      learningRateAt({ ...stage, schedule: { kind: 'cosine', warmUpEpochs } }, step, 20);
    expect(of(0, 0)).toBe(1e-3);
    expect(of(0.1, 0)).toBeCloseTo(5e-4, 10); // two steps
    expect(of(0.1, 1)).toBeCloseTo(1e-3, 10);
    expect(of(0.02, 0)).toBeCloseTo(1e-3, 10); // less than one step
  });
});

describe('the one-cycle schedule', () => {
  const stage: StageConfig = {
    ...DEFAULT_STAGE,
    epochs: 5,
    learningRate: 1e-3,
    schedule: { kind: 'one-cycle', warmUpShare: 0.25 },
  };
  const last = 5 * 20;
  const at = (step: number): number => learningRateAt(stage, step, 20.2); // 101 steps: 0 .. 100

  it('begins at a 25th of its peak and ends at a 10,000th', () => {
    expect(at(0)).toBeCloseTo(4e-5, 10);
    expect(at(last)).toBeCloseTo(1e-7, 10);
  });

  it('reaches its peak where the warm-up ends', () => {
    expect(at(25)).toBeCloseTo(1e-3, 10);
  });

  it('follows half a cosine up and half a cosine down', () => {
    // half way up: the middle of 4e-5 and 1e-3; half way down: the middle of 1e-3 and 1e-7
    expect((at(12) + at(13)) / 2).toBeCloseTo(5.2e-4, 8);
    expect((at(62) + at(63)) / 2).toBeCloseTo((1e-3 + 1e-7) / 2, 8);
    for (let step = 1; step <= last; step++) {
      if (step <= 25) expect(at(step)).toBeGreaterThan(at(step - 1));
      else expect(at(step)).toBeLessThan(at(step - 1));
    }
  });

  it.each([
    ['one step', 1, 0.3],
    ['no warm-up', 10, 0],
  ])('is a positive number with %s', (_, steps, warmUpShare) => {
    const short: StageConfig = {
      ...stage,
      epochs: 1,
      schedule: { kind: 'one-cycle', warmUpShare },
    };
    for (let step = 0; step < steps; step++) {
      expect(learningRateAt(short, step, steps)).toBeGreaterThan(0);
    }
  });
});
