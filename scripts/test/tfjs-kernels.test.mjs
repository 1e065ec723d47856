import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  DEFAULT_NETWORK,
  forward,
  gradCam,
  infer,
  inferenceLayers,
  weightSpecs,
} from 'emotion-cam/network';
import { beforeAll, expect, it } from 'vitest';
import { KERNELS } from '../lib/tfjs-kernels.mjs';

const SMALL = { ...DEFAULT_NETWORK, inputSize: 48, width: 2, blocks: [1, 1, 1, 1], latentWidth: 4 };

/** One of every kind that a model's file can name. */
const NETWORKS = [
  SMALL,
  { ...SMALL, similarity: 'cosine' },
  { ...SMALL, similarity: 'euclidean' },
  { ...SMALL, attention: 'none' },
  { ...SMALL, head: 'linear' },
];

/** The kernels that a network runs from pixels to logits and to a map of what speaks for a class. */
async function kernelsOf(config) {
  const { kernelNames } = await tf.profile(() => {
    const specs = weightSpecs(config, { folded: true });
    const weights = Object.fromEntries(specs.map(({ name, shape }) => [name, tf.ones(shape)]));
    const pixels = tf.tensor3d(new Float32Array(48 * 48 * 3), [48, 48, 3]);
    const images = tf.div(tf.sub(tf.expandDims(pixels, 0), 1), 255);
    infer(images, weights, config);
    const { featureMap } = forward(images, inferenceLayers(weights), config);
    return tf.squeeze(gradCam(featureMap, [1], weights, config), [0]);
  });
  return kernelNames;
}

beforeAll(() => tf.setBackend('cpu'));

it('the bundle has the kernels that the networks run, and no others', async () => {
  const needed = new Set();
  for (const network of NETWORKS) for (const name of await kernelsOf(network)) needed.add(name);
  needed.delete('Fill'); // `tf.ones` above
  needed.delete('fusedConv2d__op'); // custom gradients are recorded under the operation's name
  expect([...needed].sort()).toEqual([...KERNELS].sort());
});
