import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { startBackend, warmUp, type BackendName } from '../../src/backend.js';
import { EmotionModel } from '../../src/model.js';
import { NARROW_NETWORK, narrowModel, uniform } from '../support/narrow-model.js';
import { serveModel, type ServedModel } from './support/served-model.js';

const S = NARROW_NETWORK.inputSize;

describe('the network', () => {
  let served: ServedModel;
  const logits = new Map<BackendName, number[][]>();

  before(async () => {
    served = serveModel(await narrowModel());
    const next = uniform(9);
    const pixels = Float32Array.from({ length: 3 * S * S * 3 }, () => Math.floor(next() * 256));
    for (const name of ['cpu', 'wasm', 'webgpu'] as const) {
      const backend = await startBackend({ backend: name, tfjsWasm: assetUrls().tfjsWasm });
      const model = await EmotionModel.load(served.url);
      const predict = (): tf.Tensor2D =>
        tf.tidy(() => model.predict(tf.tensor4d(pixels, [3, S, S, 3])));
      await warmUp(backend, predict);
      const output = predict();
      logits.set(name, await output.array());
      output.dispose();
      model.dispose();
    }
  });

  after(() => {
    served.dispose();
  });

  it('gives different pictures different logits', () => {
    const [first, second] = logits.get('cpu')!;
    const distance = Math.max(...first!.map((value, i) => Math.abs(value - second![i]!)));
    expect(distance).to.be.above(0.01);
  });

  for (const name of ['wasm', 'webgpu'] as const) {
    it(`gives the logits of cpu within 1e-4 on ${name}`, () => {
      const expected = logits.get('cpu')!.flat();
      logits
        .get(name)!
        .flat()
        .forEach((value, i) => {
          expect(value).to.be.closeTo(expected[i]!, 1e-4);
        });
    });
  }
});
