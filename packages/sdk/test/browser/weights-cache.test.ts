import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'chai';
import type { ModelOptions } from '../../src/model-files.js';
import { EmotionModel } from '../../src/model.js';
import {
  narrowModel,
  randomWeights,
  NARROW_NETWORK,
  type TestModel,
} from '../support/narrow-model.js';
import { replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { rejectionOf } from '../support/failure.js';
import { serveModel, type ServedModel } from './support/served-model.js';

const CACHE = 'emotion-cam-weights';

describe('the weights of an earlier visit', () => {
  let source: TestModel;
  let served: ServedModel;

  before(async () => {
    await tf.setBackend('cpu');
    source = await narrowModel();
  });
  beforeEach(() => {
    served = serveModel(source);
  });
  afterEach(async () => {
    restoreProperties();
    served.dispose();
    await caches.delete(CACHE);
  });

  /** Loads the model and frees it. @returns what was asked of the server */
  async function visit(options: ModelOptions = {}): Promise<string[]> {
    const before = served.requests.length;
    (await EmotionModel.load(served.url, options)).dispose();
    return served.requests.slice(before);
  }

  async function storedFiles(): Promise<string[]> {
    const keys = await (await caches.open(CACHE)).keys();
    return keys.map(({ url }) => new URL(url).pathname.split('/').at(-1)!).sort();
  }

  it('are not downloaded again', async () => {
    expect(await visit()).to.have.length.above(2);
    expect(await visit()).to.deep.equal(['manifest.json']);
  });

  it('count as loaded in the progress', async () => {
    await visit();
    const reports: number[] = [];
    let total = 0;
    await visit({ onProgress: (loaded, all) => reports.push(loaded) && (total = all) });
    expect(reports[0]).to.equal(0);
    expect(reports.at(-1)).to.equal(total);
    expect(total).to.be.above(0);
  });

  it('are thrown away and loaded again where they are damaged', async () => {
    const first = await visit();
    const cache = await caches.open(CACHE);
    const damaged = (await cache.keys()).find(({ url }) => url.includes('float16-2.bin'))!;
    const bytes = new Uint8Array(await (await cache.match(damaged))!.arrayBuffer());
    bytes[1000]! ^= 1;
    await cache.put(damaged, new Response(bytes));
    expect(await visit()).to.deep.equal(['manifest.json', 'float16-2.bin']);
    expect(await visit()).to.deep.equal(['manifest.json']);
    expect(await storedFiles()).to.deep.equal(first.filter((file) => file.endsWith('.bin')).sort());
  });

  it('are thrown away and loaded again where they are cut short', async () => {
    await visit();
    const cache = await caches.open(CACHE);
    const [key] = await cache.keys();
    await cache.put(key!, new Response(new Uint8Array(10)));
    expect(await visit()).to.have.lengthOf(2);
  });

  it('are replaced by those of a newer model at the same address', async () => {
    await visit();
    const stored = await storedFiles();
    const newer = await narrowModel(randomWeights(NARROW_NETWORK, 2));
    const files: Record<string, string | Uint8Array<ArrayBuffer>> = {
      'manifest.json': JSON.stringify(newer.manifest),
    };
    for (const [name, bytes] of newer.files) files[name] = bytes;
    const path = served.url;
    served.dispose();
    served = serveModel(source, files, path);
    expect(await visit()).to.have.length.above(2);
    expect(await storedFiles()).to.deep.equal(stored); // none is there twice
    expect(await visit()).to.deep.equal(['manifest.json']);
  });

  it('do not hide that a file on the server is damaged', async () => {
    const path = served.url;
    served.dispose();
    served = serveModel(source, { 'float16-2.bin': new Uint8Array(10) }, path);
    expect((await rejectionOf(visit())).code).to.equal('weights-truncated');
    expect(await storedFiles()).not.to.include('float16-2.bin');
  });

  it('are neither read nor stored where that is not wanted', async () => {
    await visit({ cache: false });
    expect(await storedFiles()).to.deep.equal([]);
    await visit();
    expect(await visit({ cache: false })).to.have.length.above(2);
  });

  it('are done without where the browser stores nothing', async () => {
    replaceProperty(globalThis, 'caches', {
      open: () => Promise.reject(new DOMException('Private.', 'SecurityError')),
    });
    await visit();
    expect(await visit()).to.have.length.above(2);
    replaceProperty(globalThis, 'caches', undefined); // as on insecure pages
    expect(await visit()).to.have.length.above(2);
  });
});
