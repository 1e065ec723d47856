import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  forward,
  globalAveragePool,
  gradCam,
  head,
  headGradient,
  inferenceLayers,
  resizeHeatMaps,
  type NetworkConfig,
  type Weights,
} from '../../src/network/index.js';
import { BACKENDS, useBackend } from './support/backends.js';
import { expectClose, generatedWeights, NARROW_NETWORK, numbers } from './support/numbers.js';

const LINEAR: NetworkConfig = { ...NARROW_NETWORK, head: 'linear' };
const P = 32;

const HEADS: readonly (readonly [string, NetworkConfig])[] = [
  ['a linear head', LINEAR],
  ['FDRL, dot', { ...NARROW_NETWORK, delta: 0.3 }],
  ['FDRL, cosine', { ...NARROW_NETWORK, similarity: 'cosine' }],
  ['FDRL, euclidean', { ...NARROW_NETWORK, similarity: 'euclidean' }],
];

/** Two maps of 3x3 places, not below zero, as the last ReLU leaves them. */
function featureMaps(): tf.Tensor4D {
  return tf.tensor4d(
    numbers(2 * 9 * P, 5).map((value) => Math.max(0, 2 * value)),
    [2, 3, 3, P],
  );
}

/**
 * A linear head over 32 channels: class 2 reads channel 5, class 3 its opposite, class 4 channels 5
 * and 6 alike.
 */
function readingWeights(): Weights {
  const kernel = tf.buffer([P, 7]);
  kernel.set(1, 5, 2);
  kernel.set(-1, 5, 3);
  kernel.set(1, 5, 4);
  kernel.set(1, 6, 4);
  return { 'linear.weight': kernel.toTensor(), 'linear.bias': tf.zeros([7]) };
}

/** A 7x7 map where channel 5 is bright at row 1, column 4 and channel 6 half as bright at row 6, column 0. */
function brightMap(): tf.Tensor4D {
  const map = tf.buffer<tf.Rank.R4>([1, 7, 7, P]);
  map.set(3, 0, 1, 4, 5);
  map.set(1.5, 0, 6, 0, 6);
  map.set(9, 0, 3, 3, 7); // nobody reads it
  return map.toTensor();
}

/** Places of a 7x7 map that are not 0, as `row,column: value`. */
function placesOf(heat: tf.Tensor): string[] {
  return Array.from(heat.dataSync(), (value, i) => [value, i] as const)
    .filter(([value]) => value !== 0)
    .map(([value, i]) => `${Math.floor(i / 7)},${i % 7}: ${value}`);
}

describe.each(BACKENDS)('Grad-CAM on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
  });

  it('is hot where the channel is bright that speaks for the class', () => {
    expect(placesOf(gradCam(brightMap(), [2], readingWeights(), LINEAR))).toEqual(['1,4: 1']);
  });

  it('weighs the channels against each other', () => {
    const heat = gradCam(brightMap(), [4], readingWeights(), LINEAR);
    expect(placesOf(heat)).toEqual(['1,4: 1', '6,0: 0.5']);
  });

  it('is 0 everywhere where the channel speaks against the class, or nothing does', () => {
    expect(placesOf(gradCam(brightMap(), [3], readingWeights(), LINEAR))).toEqual([]);
    expect(placesOf(gradCam(brightMap(), [0], readingWeights(), LINEAR))).toEqual([]);
  });

  it('explains each image of a batch by its own class', () => {
    const maps = tf.concat([brightMap(), brightMap(), brightMap()]);
    const heat = gradCam(maps, [4, 3, 2], readingWeights(), LINEAR);
    expect(heat.shape).toEqual([3, 7, 7]);
    const [first, second, third] = tf.unstack(heat);
    expect(placesOf(first!)).toEqual(['1,4: 1', '6,0: 0.5']);
    expect(placesOf(second!)).toEqual([]);
    expect(placesOf(third!)).toEqual(['1,4: 1']);
  });

  it.each(HEADS)('follows the finite differences of the logit: %s', (_, config) => {
    // d logit / d A at every value of the maps, one row of a batch for each; then Grad-CAM by its
    // definition, in plain numbers.
    const weights = generatedWeights(config, { folded: true });
    const maps = featureMaps();
    const classes = [1, 6];
    const step = 0.05;
    const size = 9 * P;
    const difference = (image: number): Float32Array => {
      const one = tf.slice(maps, [image, 0, 0, 0], [1, 3, 3, P]);
      const logit = (sign: number): tf.Tensor1D => {
        const steps = tf.reshape(tf.mul(tf.eye(size), sign * step), [size, 3, 3, P]);
        const moved = tf.add<tf.Tensor4D>(tf.tile(one, [size, 1, 1, 1]), steps);
        const { logits } = head(globalAveragePool(moved), weights, config);
        return tf.squeeze(tf.slice(logits, [0, classes[image]!], [size, 1]), [1]);
      };
      return tf.div(tf.sub(logit(1), logit(-1)), 2 * step).dataSync<'float32'>();
    };
    const values = maps.dataSync<'float32'>();
    const expected = [0, 1].flatMap((image) => {
      const gradient = difference(image);
      expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-3);
      const channelWeight = Array.from({ length: P }, (_unused, k) => {
        let sum = 0;
        for (let place = 0; place < 9; place++) sum += gradient[place * P + k]!;
        return sum / 9;
      });
      const sums = Array.from({ length: 9 }, (_unused, place) =>
        channelWeight.reduce((sum, w, k) => sum + w * values[image * size + place * P + k]!, 0),
      );
      const largest = Math.max(...sums);
      expect(largest).toBeGreaterThan(0);
      return sums.map((sum) => Math.max(0, sum) / largest);
    });
    expect(new Set(expected).size).toBeGreaterThan(9); // maps that differ from place to place
    expectClose(gradCam(maps, classes, weights, config), expected, 5e-3);
  });

  it('keeps no tensor but the map', () => {
    const weights = generatedWeights(NARROW_NETWORK, { folded: true });
    const maps = featureMaps();
    const before = tf.memory().numTensors;
    gradCam(maps, [0, 1], weights, NARROW_NETWORK);
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it('runs on what a whole network gives, 7x7 at 224 pixels, and at the size of the picture', () => {
    const config: NetworkConfig = { ...NARROW_NETWORK, width: 2, latentWidth: 4 };
    const weights = generatedWeights(config, { folded: true });
    const picture = tf.tensor4d(numbers(224 * 224 * 3, 3), [1, 224, 224, 3]);
    const { featureMap } = forward(picture, inferenceLayers(weights), config);
    const heat = gradCam(featureMap, [3], weights, config);
    expect(heat.shape).toEqual([1, 7, 7]);
    expect(resizeHeatMaps(heat, 224).shape).toEqual([1, 224, 224]);
  });

  it('grows so that the middle of each place keeps its value', () => {
    // 2x2 places on 6x6 pixels: the places' middles are at the pixels 1 and 4; between them linear.
    const grown = resizeHeatMaps(tf.tensor3d([0, 1, 0, 1], [1, 2, 2]), 6);
    const row = [0, 0, 1 / 3, 2 / 3, 1, 1];
    expectClose(grown, [...row, ...row, ...row, ...row, ...row, ...row], 1e-6);
  });

  it.each([
    [[0], 'Each of 2 images needs one class; got 1.'],
    [[0, 7], 'There is no class 7: classes are numbered 0 to 6.'],
    [[0.5, 0], 'There is no class 0.5'],
  ])('refuses the classes %j', (classes, message) => {
    const weights = generatedWeights(NARROW_NETWORK, { folded: true });
    const maps = featureMaps();
    expect(() => gradCam(maps, classes, weights, NARROW_NETWORK)).toThrow(message);
  });
});

describe('the gradient of the head', () => {
  beforeAll(() => useBackend('cpu')); // the only one with the gradients of all operations

  it.each(HEADS)('is that of TensorFlow.js: %s', (_, config) => {
    const weights = generatedWeights(config, { folded: true });
    const features = tf.tensor2d(numbers(3 * P, 8).map(Math.abs), [3, P]);
    const classes = [4, 0, 2];
    const chosen = tf.oneHot(classes, 7);
    const expected = tf.grad((x) =>
      tf.sum(tf.mul(head(x as tf.Tensor2D, weights, config).logits, chosen)),
    )(features);
    const values = expected.dataSync<'float32'>();
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(1e-2);
    expectClose(headGradient(features, classes, weights, config), values, 1e-5);
  });
});
