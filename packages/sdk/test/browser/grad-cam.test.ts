import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { startBackend, type BackendName } from '../../src/backend.js';
import { forward, gradCam, inferenceLayers, type Weights } from '../../src/network/index.js';
import { NARROW_NETWORK, randomWeights, uniform } from '../support/narrow-model.js';

const CLASSES = [0, 3]; // those that the generated weights have evidence for
const S = NARROW_NETWORK.inputSize;

describe('Grad-CAM in the page', () => {
  const maps = new Map<BackendName, number[]>();

  before(async () => {
    const next = uniform(4);
    const pixels = Float32Array.from({ length: 2 * S * S * 3 }, () => 4 * next() - 2);
    for (const name of ['cpu', 'wasm', 'webgpu'] as const) {
      await startBackend({ backend: name, tfjsWasm: assetUrls().tfjsWasm });
      const heat = tf.tidy(() => {
        const weights: Weights = Object.fromEntries(
          randomWeights(NARROW_NETWORK).map(({ name: key, shape, data }) => [
            key,
            tf.tensor(data, [...shape]),
          ]),
        );
        const images = tf.tensor4d(pixels, [2, S, S, 3]);
        const { featureMap } = forward(images, inferenceLayers(weights), NARROW_NETWORK);
        return gradCam(featureMap, CLASSES, weights, NARROW_NETWORK);
      });
      expect(heat.shape).to.deep.equal([2, S / 32, S / 32]);
      maps.set(name, Array.from(await heat.data()));
      heat.dispose();
    }
  });

  it('has its largest value, 1, in each map and differs from place to place', () => {
    const cpu = maps.get('cpu')!;
    for (const map of [cpu.slice(0, cpu.length / 2), cpu.slice(cpu.length / 2)]) {
      expect(Math.max(...map)).to.equal(1);
      expect(Math.min(...map)).to.be.within(0, 0.95);
    }
  });

  for (const name of ['wasm', 'webgpu'] as const) {
    it(`gives the map of cpu within 1e-4 on ${name}, without TensorFlow.js's gradients`, () => {
      expect(tf.getGradient('BatchMatMul')).to.equal(undefined);
      maps.get(name)!.forEach((value, i) => {
        expect(value).to.be.closeTo(maps.get('cpu')![i]!, 1e-4);
      });
    });
  }
});
