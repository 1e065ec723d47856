import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { graphicsDevice, startBackend } from '../../src/backend.js';
import { ModelFiles } from '../../src/model-files.js';
import { EmotionModel } from '../../src/model.js';
import type { Golden } from '../../src/network/index.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { planNetwork } from '../../src/webgpu/plan.js';
import { FLOAT32 } from '../../src/webgpu/storage.js';
import { astronaut } from './support/pictures.js';

async function loadGolden(manifest: URL, file: string): Promise<Golden> {
  return (await (await fetch(new URL(file, manifest))).json()) as Golden;
}

describe('the model of the package', () => {
  const urls = assetUrls();

  // On wasm: of the full network plain JavaScript takes minutes on a busy machine.
  for (const variant of ['float16', 'uint8'] as const) {
    it(`gives the trainer's logits for its golden pictures, as ${variant}`, async () => {
      await startBackend({ backend: 'wasm', tfjsWasm: urls.tfjsWasm });
      const model = await EmotionModel.load(urls.model, { variant });
      const { pixels, inputs, size, ...golden } = await loadGolden(
        urls.model,
        model.manifest.golden.file,
      );
      const bytes = Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0));
      const output = tf.tidy(() => model.predict(tf.tensor4d(bytes, [inputs, size, size, 3])));
      const logits = await output.array();
      expect(logits).to.have.lengthOf(golden.variant[variant].length);
      logits.forEach((row, n) => {
        row.forEach((value, i) => {
          expect(value).to.be.closeTo(golden.variant[variant][n]![i]!, 1e-3);
        });
      });
      output.dispose();
      model.dispose();
    });
  }

  // One picture: the software adapter takes seconds for it. `npm run bench -- parity` takes twenty.
  it('gives the logits of wasm on WebGPU, in float32', async () => {
    const files = await ModelFiles.open(urls.model);
    const { manifest, variant } = files;
    const { pixels, size } = await loadGolden(urls.model, manifest.golden.file);
    const bytes = Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0));
    const picture = bytes.subarray(0, size * size * 3);
    await startBackend({ backend: 'wasm', tfjsWasm: urls.tfjsWasm });
    const model = await EmotionModel.load(urls.model);
    const output = tf.tidy(() => model.predict(tf.tensor4d(picture, [1, size, size, 3])));
    const expected = await output.data<'float32'>();
    output.dispose();
    model.dispose();

    await startBackend({ backend: 'webgpu', tfjsWasm: urls.tfjsWasm });
    const plan = planNetwork(manifest.network, manifest.input, FLOAT32);
    const weights = { tensors: variant.tensors, bytes: await files.loadWeights() };
    const executor = await PlanExecutor.create(graphicsDevice(), plan, weights);
    const actual = await executor.run(Float32Array.from(picture));
    executor.dispose();
    const largest = Math.max(...expected.map(Math.abs));
    expected.forEach((value, i) => expect(actual[i]).to.be.closeTo(value, 1e-3 * largest));
  }).timeout(300_000);

  it('is by default the small one on wasm, with nothing from another origin', async () => {
    performance.clearResourceTimings();
    // Not in a worker, whose requests are in no list of the page's.
    const recognizer = await EmotionRecognizer.create({ thread: 'main', backend: 'wasm' });
    const { faces } = await recognizer.recognize(await astronaut());
    expect(recognizer.manifest.name).to.equal('fdrl-ecanet-lite');
    expect(faces).to.have.lengthOf(1);
    const names = performance.getEntriesByType('resource').map(({ name }) => name);
    expect(names.some((name) => name.includes('fdrl-ecanet-lite/manifest.json'))).to.equal(true);
    const foreign = names.filter((name) => {
      const { origin, protocol } = new URL(name);
      return protocol.startsWith('http') && origin !== location.origin;
    });
    expect(foreign).to.deep.equal([]);
    recognizer.dispose();
  });
});
