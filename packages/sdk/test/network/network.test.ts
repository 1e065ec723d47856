import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  BATCH_NORM_EPSILON,
  DEFAULT_NETWORK,
  forward,
  infer,
  inferenceLayers,
  weightSpecs,
  type NetworkConfig,
  type Weights,
} from '../../src/network/index.js';
import { BACKENDS, useBackend } from './support/backends.js';
import { expectClose, generatedWeights, NARROW_NETWORK, pictures } from './support/numbers.js';

/** Folds batch normalisation by its definition: W gamma / sd and beta - mean gamma / sd. */
function folded(weights: Weights, config: NetworkConfig): Weights {
  const entries = weightSpecs(config, { folded: true }).map(({ name }) => {
    const layer = name.slice(0, name.lastIndexOf('.'));
    const gamma = weights[`${layer}.gamma`];
    if (!gamma) return [name, weights[name]!] as const;
    const deviation = tf.sqrt(tf.add(weights[`${layer}.variance`]!, BATCH_NORM_EPSILON));
    const factor = tf.div(gamma, deviation);
    const value = name.endsWith('.bias')
      ? tf.sub(weights[`${layer}.beta`]!, tf.mul(weights[`${layer}.mean`]!, factor))
      : tf.mul(weights[name]!, factor);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

describe.each(BACKENDS)('the network on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
  });

  it.each([
    [224, 7], // 112, 56, 56, 28, 14, 7
    [112, 4], // 56, 28, 28, 14, 7, 4
    [64, 2], // 32, 16, 16, 8, 4, 2
    [48, 2], // 24, 12, 12, 6, 3, 2
  ])('reduces pictures of %i pixels to maps of %i', (size, side) => {
    const config: NetworkConfig = { ...NARROW_NETWORK, width: 2, latentWidth: 4 };
    const weights = generatedWeights(config, { folded: true });
    const outputs = forward(pictures(1, size), inferenceLayers(weights), config);
    expect(outputs.featureMap.shape).toEqual([1, side, side, 16]);
    expect(outputs.logits.shape).toEqual([1, 7]);
  });

  it('ends its blocks with ReLU, after the addition of the shortcut', () => {
    // With a second convolution of zeros the last block gives ReLU(shortcut + bias), and its
    // shortcut is its input, which is not negative: bias 0 shows the shortcut itself.
    const config: NetworkConfig = { ...NARROW_NETWORK, attention: 'none' };
    const weights = { ...generatedWeights(config, { folded: true }) };
    const last = 'stage4.block2.conv2';
    weights[`${last}.weight`] = tf.zerosLike(weights[`${last}.weight`]!);
    const mapWithBias = (bias: number): tf.Tensor => {
      weights[`${last}.bias`] = tf.fill([32], bias);
      return forward(pictures(1, 64), inferenceLayers(weights), config).featureMap;
    };
    const before = mapWithBias(0).dataSync<'float32'>();
    expect(Math.max(...before)).toBeGreaterThan(0.2);
    expectClose(
      mapWithBias(-0.1),
      before.map((value) => Math.max(0, value - 0.1)),
      1e-5,
    );
  });

  it('gives the same logits with folded weights as with running statistics', () => {
    const weights = generatedWeights(NARROW_NETWORK, { folded: false });
    const images = pictures(2, 64);
    const separate = infer(images, weights, NARROW_NETWORK);
    const together = infer(images, folded(weights, NARROW_NETWORK), NARROW_NETWORK);
    expect(spread(separate)).toBeGreaterThan(0.1);
    expectClose(together, separate.dataSync<'float32'>(), 1e-4);
  });

  it.each([
    ['none', 'fdrl'],
    ['eca', 'linear'],
    ['none', 'linear'],
  ] as const)('runs with attention %s and head %s on exactly its weights', (attention, kind) => {
    const config: NetworkConfig = { ...NARROW_NETWORK, attention, head: kind };
    const weights = generatedWeights(config, { folded: true });
    const read = new Set<string>();
    const watched = new Proxy(weights, {
      get(target, name) {
        const tensor = target[name as string];
        if (tensor) read.add(name as string);
        return tensor;
      },
    });
    const outputs = forward(pictures(2, 48), inferenceLayers(watched), config);
    expect(outputs.logits.shape).toEqual([2, 7]);
    expect(outputs.latents?.shape).toEqual(kind === 'fdrl' ? [2, 3, 8] : undefined);
    expect([...read].sort()).toEqual(Object.keys(weights).sort());
  });

  it('classifies every picture of a batch by itself', () => {
    const weights = generatedWeights(NARROW_NETWORK, { folded: true });
    const [a, b] = [pictures(1, 48, 1), pictures(1, 48, 2)];
    const alone = [a, b].map((image) => infer(image, weights, NARROW_NETWORK).dataSync());
    const together = infer(tf.concat([a, b]), weights, NARROW_NETWORK);
    expectClose(together, [...alone[0]!, ...alone[1]!], 1e-5);
  });

  it('keeps no tensor but the logits', () => {
    const weights = generatedWeights(NARROW_NETWORK, { folded: true });
    const images = pictures(1, 48);
    const before = tf.memory().numTensors;
    const logits = infer(images, weights, NARROW_NETWORK);
    expect(tf.memory().numTensors).toBe(before + 1);
    logits.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['stem.weight', 'stage3.block2.eca.weight', 'frn.inter.bias', 'epn.weight'])(
    'names %s when it is missing, and keeps no tensor',
    (missing) => {
      const weights = Object.fromEntries(
        Object.entries(generatedWeights(NARROW_NETWORK, { folded: true })).filter(
          ([name]) => name !== missing,
        ),
      );
      const images = pictures(1, 32);
      const before = tf.memory().numTensors;
      const attempt = (): unknown => infer(images, weights, NARROW_NETWORK);
      expect(attempt).toThrow(RangeError);
      expect(attempt).toThrow(`"${missing}"`);
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

describe('the back ends', () => {
  it.each(['dot', 'cosine', 'euclidean'] as const)(
    'agree within 1e-4 on the logits, with the similarity %s',
    async (similarity) => {
      const config: NetworkConfig = { ...NARROW_NETWORK, width: 8, similarity };
      const logits: tf.TypedArray[] = [];
      for (const backend of BACKENDS) {
        await useBackend(backend);
        const output = tf.tidy(() =>
          infer(pictures(2, 64), generatedWeights(config, { folded: false }), config),
        );
        expect(spread(output)).toBeGreaterThan(0.1);
        logits.push(output.dataSync());
        output.dispose();
      }
      const differences = Array.from(logits[0]!, (value, i) => Math.abs(value - logits[1]![i]!));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    },
  );
});

describe('DEFAULT_NETWORK', () => {
  it('is that of the paper at 224 pixels', () => {
    expect(DEFAULT_NETWORK).toMatchObject({
      inputSize: 224,
      blocks: [2, 2, 2, 2],
      attention: 'eca',
      head: 'fdrl',
      latentFeatures: 9,
      latentWidth: 128,
    });
  });
});

/** Largest minus smallest value: equal outputs would agree with anything. */
function spread(tensor: tf.Tensor): number {
  const values = tensor.dataSync<'float32'>();
  return Math.max(...values) - Math.min(...values);
}
