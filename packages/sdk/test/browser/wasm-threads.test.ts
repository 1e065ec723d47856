import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { startBackend } from '../../src/backend.js';

const Native = Worker;

/** As a minifier leaves the threads of TensorFlow.js that takes what their script needs out of it. */
class BrokenThread extends Native {
  constructor(address: string | URL, options?: WorkerOptions) {
    const isOfThread = new Error().stack!.includes('allocateUnusedWorker');
    const broken = URL.createObjectURL(new Blob(['a();'], { type: 'text/javascript' }));
    super(isOfThread ? broken : address, options);
  }
}

describe('wasm where its threads fail', () => {
  before(() => {
    Object.defineProperty(navigator, 'hardwareConcurrency', { configurable: true, value: 8 });
    globalThis.Worker = BrokenThread;
  });
  after(() => {
    globalThis.Worker = Native;
  });

  it('starts with one, says why and computes', async () => {
    const { tfjsWasm } = assetUrls();
    const { threads, reason } = await startBackend({ backend: 'wasm', tfjsWasm });
    expect(threads).to.equal(1);
    expect(reason).to.contain('one thread').and.to.contain('a is not defined');
    expect(globalThis.Worker).to.equal(BrokenThread);
    expect(tf.tidy(() => tf.mul([1, 2], 2).dataSync())).to.deep.equal(Float32Array.of(2, 4));
  });
});
