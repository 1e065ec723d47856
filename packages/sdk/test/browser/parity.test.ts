import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { graphicsDevice, startBackend, type BackendName } from '../../src/backend.js';
import { EmotionModel } from '../../src/model.js';
import { ModelFiles } from '../../src/model-files.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { planNetwork } from '../../src/webgpu/plan.js';
import { FLOAT32 } from '../../src/webgpu/storage.js';
import { NARROW_NETWORK, narrowModel, uniform } from '../support/narrow-model.js';
import { serveModel, type ServedModel } from './support/served-model.js';

const S = NARROW_NETWORK.inputSize;

/** By the plan that the graphics card runs. */
async function plannedLogits(
  files: ModelFiles,
  pictures: readonly Float32Array<ArrayBuffer>[],
): Promise<number[][]> {
  await startBackend({ backend: 'webgpu', tfjsWasm: assetUrls().tfjsWasm });
  const { manifest, variant } = files;
  const plan = planNetwork(manifest.network, manifest.input, FLOAT32);
  const weights = { tensors: variant.tensors, bytes: await files.loadWeights() };
  const executor = await PlanExecutor.create(graphicsDevice(), plan, weights);
  const logits = await Promise.all(pictures.map((pixels) => executor.run(pixels)));
  executor.dispose();
  return logits.map((row) => [...row]);
}

describe('the network', () => {
  let served: ServedModel;
  const logits = new Map<BackendName, number[][]>();

  before(async () => {
    served = serveModel(await narrowModel());
    const next = uniform(9);
    const pictures = Array.from({ length: 3 }, () =>
      Float32Array.from({ length: S * S * 3 }, () => Math.floor(next() * 256)),
    );
    for (const name of ['cpu', 'wasm'] as const) {
      await startBackend({ backend: name, tfjsWasm: assetUrls().tfjsWasm });
      const model = await EmotionModel.load(served.url);
      const output = tf.tidy(() =>
        model.predict(
          tf.stack<tf.Tensor3D>(pictures.map((one) => tf.tensor3d(one, [S, S, 3]))) as tf.Tensor4D,
        ),
      );
      logits.set(name, await output.array());
      output.dispose();
      model.dispose();
    }
    logits.set('webgpu', await plannedLogits(await ModelFiles.open(served.url), pictures));
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
