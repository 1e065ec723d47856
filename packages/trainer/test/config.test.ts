import { DEFAULT_NETWORK } from 'emotion-cam/network';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, resolveConfig } from '../src/config.js';
import { TrainerError } from '../src/errors.js';

/** The error that a configuration is refused with. */
function refusal(overrides: unknown): TrainerError {
  try {
    resolveConfig(overrides);
  } catch (error) {
    if (error instanceof TrainerError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(overrides)} was accepted`);
}

describe('the defaults', () => {
  it('are the values of the paper', () => {
    expect(resolveConfig({})).toEqual(DEFAULT_CONFIG);
    expect(DEFAULT_CONFIG).toMatchObject({
      batchSize: 32,
      network: DEFAULT_NETWORK,
      losses: { compactness: 1e-4, distribution: 1, weightDecay: 1e-4, labelSmoothing: 0 },
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      stages: [
        {
          dataset: 'raf-db',
          imageSize: 224,
          epochs: 60,
          learningRate: 1e-4,
          schedule: { kind: 'step', everyEpochs: 7, factor: 0.1 },
        },
      ],
    });
  });
});

describe('resolveConfig', () => {
  it('overrides single values at any depth and keeps the others', () => {
    const config = resolveConfig({
      seed: 5,
      network: { attention: 'none' },
      stages: [{ epochs: 2 }, { dataset: 'ferplus', schedule: { kind: 'one-cycle' } }],
    });
    expect(config).toEqual({
      ...DEFAULT_CONFIG,
      seed: 5,
      network: { ...DEFAULT_NETWORK, attention: 'none' },
      stages: [
        { ...DEFAULT_CONFIG.stages[0], epochs: 2 },
        {
          ...DEFAULT_CONFIG.stages[0],
          dataset: 'ferplus',
          schedule: { kind: 'one-cycle', warmUpShare: 0.2 },
        },
      ],
    });
  });

  it('takes a fold, and its saved form again', () => {
    const config = resolveConfig({ fold: { dataset: 'ck-plus', protocol: 'image', index: 4 } });
    expect(config.fold).toEqual({
      dataset: 'ck-plus',
      protocol: 'image',
      folds: 10,
      index: 4,
      seed: 1,
      select: 'validation',
    });
    expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(resolveConfig({ fold: null }).fold).toBeNull();
  });

  it('changes neither the defaults nor its argument', () => {
    const overrides = { losses: { useVotes: false } };
    const before = structuredClone([DEFAULT_CONFIG, overrides]);
    resolveConfig(overrides);
    expect([DEFAULT_CONFIG, overrides]).toEqual(before);
  });

  it('gives back what it resolved', () => {
    const config = resolveConfig({ stages: [{ schedule: { kind: 'one-cycle' } }], batchSize: 8 });
    expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it.each([
    [{ bachSize: 8 }, 'bachSize'],
    [{ network: { depth: 18 } }, 'network.depth'],
    [{ stages: [{}, { lr: 1 }] }, 'stages.1.lr'],
    [{ stages: [{ schedule: { kind: 'step', warmUpShare: 0.1 } }] }, 'warmUpShare'],
    [{ stages: [{ schedule: { kind: 'one-cycle', factor: 0.1 } }] }, 'factor'],
    [{ fold: { k: 3 } }, 'fold.k'],
    [{ stages: [{ mixWith: [{ dataset: 'ferplus', share: 0.5, size: 1 }] }] }, 'mixWith.0.size'],
    [{ losses: { toString: 1 } }, 'losses.toString'], // every object inherits one
  ])('refuses the unknown key of %j by its name', (overrides, path) => {
    const error = refusal(overrides);
    expect(error.code).toBe('config-unknown-key');
    expect(error.message).toContain(path);
    expect(error.message).toContain('Known keys here: ');
  });

  it('lists the keys that it knows where one is unknown', () => {
    expect(refusal({ optimizer: { beta: 1 } }).message).toContain('beta1, beta2, epsilon');
  });

  it.each([
    [[], 'must be an object'],
    [{ batchSize: '32' }, 'batchSize'],
    [{ batchSize: 1 }, 'batchSize'],
    [{ batchSize: 2.5 }, 'batchSize'],
    [{ seed: null }, 'seed'],
    [{ network: 'eca' }, 'network'],
    [{ network: { attention: 'ECA' } }, 'network.attention'],
    [{ network: { head: 'fc' } }, 'network.head'],
    [{ network: { similarity: 'l2' } }, 'network.similarity'],
    [{ network: { width: 0 } }, 'network.width'],
    [{ network: { blocks: 2 } }, 'network.blocks'],
    [{ network: { blocks: [2, 0] } }, 'network.blocks'],
    [{ network: { blocks: [] } }, 'network.blocks'],
    [{ network: { delta: 1.5 } }, 'network.delta'],
    [{ losses: { labelSmoothing: -0.1 } }, 'losses.labelSmoothing'],
    [{ losses: { weightDecay: -1 } }, 'losses.weightDecay'],
    [{ losses: { useVotes: 1 } }, 'losses.useVotes'],
    [{ optimizer: { beta1: 1 } }, 'optimizer.beta1'],
    [{ stages: [] }, 'stages'],
    [{ stages: { epochs: 3 } }, 'stages'],
    [{ stages: [3] }, 'stages.0'],
    [{ stages: [{ imageSize: 100 }] }, 'stages.0.imageSize'],
    [{ stages: [{ imageSize: 16 }] }, 'stages.0.imageSize'],
    [{ stages: [{}, { epochs: 0 }] }, 'stages.1.epochs'],
    [{ stages: [{ learningRate: 0 }] }, 'stages.0.learningRate'],
    [{ stages: [{ learningRate: Infinity }] }, 'stages.0.learningRate'],
    [{ stages: [{ dataset: 'affectnet' }] }, 'stages.0.dataset'],
    [{ augmentation: { flipProbability: 2 } }, 'augmentation.flipProbability'],
    [{ augmentation: { mixUpAlpha: -0.2 } }, 'augmentation.mixUpAlpha'],
    [{ augmentation: { scaleMin: 1.3 } }, 'augmentation.scaleMax'],
    [{ augmentation: { scaleMin: 0 } }, 'augmentation.scaleMin'],
    [{ augmentation: { eraseAreaMin: 0.3 } }, 'augmentation.eraseAreaMax'],
    [{ distillation: { temperature: 0 } }, 'distillation.temperature'],
    [{ distillation: { weight: 1.5 } }, 'distillation.weight'],
    [{ distillation: { imageSize: 50 } }, 'distillation.imageSize'],
    [{ distillation: { teacher: null } }, 'distillation.teacher'],
    [{ averaging: { decay: 1 } }, 'averaging.decay'],
    [{ averaging: { startEpoch: -1 } }, 'averaging.startEpoch'],
    [{ stages: [{ classBalance: 1.1 }] }, 'stages.0.classBalance'],
    [{ stages: [{ imagesPerEpoch: -1 }] }, 'stages.0.imagesPerEpoch'],
    [{ stages: [{ mixWith: 'ferplus' }] }, 'stages.0.mixWith'],
    [{ stages: [{ mixWith: ['ferplus'] }] }, 'stages.0.mixWith.0'],
    [{ stages: [{ mixWith: [{ dataset: 'ferplus' }] }] }, 'stages.0.mixWith.0'],
    [{ stages: [{ mixWith: [{ dataset: 'fer', share: 0.5 }] }] }, 'stages.0.mixWith.0.dataset'],
    [{ stages: [{ mixWith: [{ dataset: 'ferplus', share: 0 }] }] }, 'mixWith.0.share'],
    [{ stages: [{ mixWith: [{ dataset: 'raf-db', share: 0.5 }] }] }, 'names only once'],
    [
      {
        stages: [
          {
            mixWith: [
              { dataset: 'ferplus', share: 0.5 },
              { dataset: 'ck-plus-basic', share: 0.5 },
            ],
          },
        ],
      },
      'leave some of 1',
    ],
    [{ stages: [{ schedule: 'step' }] }, 'stages.0.schedule'],
    [{ stages: [{ schedule: { kind: 'linear' } }] }, 'stages.0.schedule'],
    [{ stages: [{ epochs: 3, schedule: { kind: 'cosine', warmUpEpochs: 3 } }] }, 'warmUpEpochs'],
    [{ selectBy: 'loss' }, 'selectBy'],
    [{ stages: [{ schedule: { kind: 'one-cycle', warmUpShare: 1 } }] }, 'warmUpShare'],
    [{ stages: [{ schedule: { kind: 'step', everyEpochs: 0 } }] }, 'everyEpochs'],
    [{ fold: 3 }, 'fold'],
    [{ fold: { folds: 2 } }, 'fold.folds'],
    [{ fold: { folds: 5, index: 5 } }, 'fold.index'],
    [{ fold: { protocol: 'subject' } }, 'fold.protocol'],
    [{ fold: { select: 'train' } }, 'fold.select'],
    [{ fold: { dataset: 'affectnet' } }, 'fold.dataset'],
  ])('refuses %j by the name of the value', (overrides, path) => {
    const error = refusal(overrides);
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(path);
  });

  it('refuses to mix sets whose outputs mean different things', () => {
    const error = refusal({ stages: [{ mixWith: [{ dataset: 'ck-plus', share: 0.5 }] }] });
    expect(error.code).toBe('labels-differ');
    expect(error.message).toContain('ck-plus, which stages.0 mixes in, has the labels contempt');
    expect(error.message).toContain('use ck-plus-basic');
  });

  it('says what was expected and what was got', () => {
    expect(refusal({ stages: [{ imageSize: 100 }] }).message).toBe(
      'The configuration\'s "stages.0.imageSize" must be a multiple of 16, at least 32, not 100.',
    );
    expect(refusal({ network: { attention: 'se' } }).message).toContain('one of eca, none');
  });
});
