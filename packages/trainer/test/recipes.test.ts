import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, resolveConfig } from '../src/config.js';
import { TrainerError } from '../src/errors.js';
import { RECIPE_NAMES, recipeOverrides } from '../src/recipes.js';
import { learningRateAt } from '../src/schedule.js';

describe('the recipe of the paper', () => {
  const config = resolveConfig(recipeOverrides('paper'));

  it('is section 4: 60 epochs, batch 32, Adam with 1e-4, a tenth every 7 epochs, 224 pixels', () => {
    const [stage, ...others] = config.stages;
    expect(others).toEqual([]);
    expect(config.batchSize).toBe(32);
    expect(stage).toMatchObject({ dataset: 'raf-db', epochs: 60, imageSize: 224 });
    expect(config.optimizer).toEqual({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    expect(learningRateAt(stage!, 0, 10)).toBe(1e-4);
    expect(learningRateAt(stage!, 70, 10)).toBeCloseTo(1e-5, 12);
  });

  it('augments by its list and nothing else', () => {
    const { augmentation } = config;
    expect(augmentation).toMatchObject({ brightness: 0, contrast: 0, greyProbability: 0 });
    expect(augmentation).toMatchObject({ scaleMin: 1, scaleMax: 1, mixUpAlpha: 0, cutMixAlpha: 0 });
    const { flipProbability, rotationDegrees, shift, eraseProbability } = augmentation;
    for (const value of [flipProbability, rotationDegrees, shift, eraseProbability]) {
      expect(value).toBeGreaterThan(0);
    }
    expect(shift * 224).toBe(16); // (256 - 224) / 2
  });

  it('has none of our ingredients', () => {
    expect(config.stages[0]).toMatchObject({ mixWith: [], classBalance: 0 });
    expect(config.averaging.decay).toBe(0);
    expect(config.losses).toMatchObject({ labelSmoothing: 0, useVotes: false });
    expect(config.selectBy).toBe('accuracy');
    expect(config.network).toEqual(DEFAULT_CONFIG.network);
  });

  it('trains on the set it is given', () => {
    const onCkPlus = resolveConfig(recipeOverrides('paper', 'ck-plus'));
    expect(onCkPlus.stages.map(({ dataset }) => dataset)).toEqual(['ck-plus']);
  });
});

describe('every recipe', () => {
  it.each(RECIPE_NAMES)('is a valid configuration: %s', (name) => {
    expect(resolveConfig(recipeOverrides(name)).stages.length).toBeGreaterThan(0);
  });

  it('that names its sets refuses another', () => {
    expect(() => recipeOverrides('best', 'ck-plus')).toThrow(TrainerError);
    expect(() => recipeOverrides('best', 'ck-plus')).toThrow('Leave --dataset ck-plus out');
  });
});
