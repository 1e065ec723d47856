import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { activate, startBackend, type Backend, type BackendOptions } from '../../src/backend.js';
import { rejectionOf } from '../support/failure.js';

const { tfjsWasm } = assetUrls();
const start = (backend?: BackendOptions['backend']): Promise<Backend> =>
  startBackend({ backend, tfjsWasm });

/** `navigator.gpu` as a browser would have it, until the test is over. */
function stubGpu(gpu: unknown): void {
  Object.defineProperty(navigator, 'gpu', { configurable: true, value: gpu });
}

/** That the WebGPU back end works with. */
function currentDevice(): GPUDevice {
  return (tf.backend() as unknown as Pick<WebGPUBackend, 'device'>).device;
}

/** A program of one multiplication, on the current back end. */
async function product(): Promise<number[]> {
  const result = tf.tidy(() => tf.mul(tf.tensor1d([1, 2, 3]), tf.scalar(4)));
  const values = await result.data();
  result.dispose();
  return Array.from(values);
}

describe('startBackend', () => {
  before(() => {
    // The machine that runs this may have too few processors for threads.
    Object.defineProperty(navigator, 'hardwareConcurrency', { configurable: true, value: 8 });
  });

  afterEach(() => {
    Reflect.deleteProperty(navigator, 'gpu');
  });

  it('says which wasm file is not there, and can be tried again', async () => {
    const nowhere = new URL('/nowhere/', location.href);
    const error = await rejectionOf(startBackend({ backend: 'wasm', tfjsWasm: nowhere }));
    expect(error.code).to.equal('asset-unreachable');
    expect(error.message).to.contain(`${nowhere.href}tfjs-backend-wasm-threaded-simd.wasm`);
    expect((await start('wasm')).name).to.equal('wasm');
  });

  for (const name of ['cpu', 'wasm', 'webgpu'] as const) {
    it(`starts ${name} when it is asked for`, async () => {
      const backend = await start(name);
      expect(backend.name).to.equal(name);
      expect(tf.getBackend()).to.equal(name);
      expect(await product()).to.deep.equal([4, 8, 12]);
    });
  }

  it('uses threads for wasm on a cross-origin isolated page, and says how many', async () => {
    expect(crossOriginIsolated).to.equal(true);
    const { threads, reason } = await start('wasm');
    expect(threads).to.equal(4);
    expect(reason).to.equal('WebAssembly with SIMD, threads: 4.');
  });

  it('names the WebGPU adapter', async () => {
    expect((await start('webgpu')).reason).to.match(/adapter: .*swiftshader/i);
  });

  it('prefers wasm to a WebGPU adapter that runs on the CPU', async () => {
    const { name, reason } = await start();
    expect(name).to.equal('wasm');
    expect(reason).to.contain('runs on the CPU').and.to.contain('WebAssembly with SIMD');
  });

  it('takes WebGPU of its own accord where there is a graphics card', async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const info = { vendor: 'acme', architecture: 'mk1', isFallbackAdapter: false };
    const card = new Proxy(adapter!, {
      get: (target, key) => (key === 'info' ? info : (Reflect.get(target, key, target) as unknown)),
    });
    stubGpu({ requestAdapter: () => Promise.resolve(card) });
    const { name, reason } = await start('auto');
    expect(name).to.equal('webgpu');
    expect(reason).to.contain('acme mk1');
  });

  it('says why it did not take WebGPU', async () => {
    stubGpu(undefined);
    expect((await start('auto')).reason).to.contain('The browser has no WebGPU.');
    stubGpu({ requestAdapter: () => Promise.resolve(null) });
    expect((await start('auto')).reason).to.contain('WebGPU has no adapter');
  });

  it('goes on with the next back end where one fails in a way of its own', async () => {
    stubGpu({ requestAdapter: () => Promise.reject(new TypeError('the driver crashed')) });
    const { name, reason } = await start('auto');
    expect(name).to.equal('wasm');
    expect(reason).to.contain('webgpu did not start (TypeError: the driver crashed).');
    const error = await rejectionOf(start('webgpu'));
    expect(error.code).to.equal('backend-unavailable');
    expect(error.message).to.contain('the driver crashed');
  });

  it('starts WebGPU anew after its device was lost', async () => {
    await start('webgpu');
    const device = currentDevice();
    device.destroy();
    await device.lost;
    expect((await start('webgpu')).name).to.equal('webgpu');
    expect(currentDevice()).not.to.equal(device);
    expect(await product()).to.deep.equal([4, 8, 12]);
  });

  it('refuses what was asked for where that is impossible', async () => {
    stubGpu(undefined);
    const error = await rejectionOf(start('webgpu'));
    expect(error.code).to.equal('backend-unavailable');
    expect(error.message).to.contain('"webgpu"').and.to.contain('no WebGPU');
  });

  it('refuses a name it does not know and lists those it does', async () => {
    const error = await rejectionOf(start('webgl' as 'wasm'));
    expect(error.code).to.equal('backend-unavailable');
    expect(error.message).to.contain('"webgl"').and.to.contain('auto, webgpu, wasm, cpu');
  });

  it('gives up when it is told to', async () => {
    const reason = new Error('left the page');
    const signal = AbortSignal.abort(reason);
    const result = await startBackend({ tfjsWasm, signal }).catch((error: unknown) => error);
    expect(result).to.equal(reason);
  });
});

describe('activate', () => {
  it('switches back at once to a back end that was started before', async () => {
    const wasm = await start('wasm');
    await start('cpu');
    activate(wasm);
    expect(tf.getBackend()).to.equal('wasm');
    expect(await product()).to.deep.equal([4, 8, 12]);
  });
});
