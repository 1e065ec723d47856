import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { graphicsDevice, startBackend } from '../../src/backend.js';
import { startFaceNetwork, type FaceNetwork } from '../../src/face-network.js';
import { convolutionKernel } from '../../src/webgpu/convolution-kernel.js';
import { PACKED_FLOAT16 } from '../../src/webgpu/storage.js';
import { TilingMemory } from '../../src/webgpu/tiling-memory.js';
import { candidateTilings, chooseTiling } from '../../src/webgpu/tiling.js';
import { convolutionShapes } from '../../src/webgpu/time-tilings.js';
import { rejectionOf } from '../support/failure.js';
import { NARROW_NETWORK, narrowModel, type TestModel } from '../support/narrow-model.js';
import { drawn } from './support/pictures.js';
import { serveModel, type ServedModel } from './support/served-model.js';

const { tfjsWasm } = assetUrls();
const WHOLE = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

describe('the network on WebGPU', () => {
  let model: TestModel;
  let served: ServedModel | undefined;
  const picture = drawn(64, 64, (context) => {
    context.fillStyle = 'teal';
    context.fillRect(8, 16, 40, 32);
  });

  before(async () => {
    model = await narrowModel();
  });

  afterEach(() => {
    served?.dispose();
    Reflect.deleteProperty(navigator, 'gpu');
  });

  /** Starts it on WebGPU, with these files of the model in place of its own. */
  async function start(
    backend: 'auto' | 'webgpu',
    files: Parameters<typeof serveModel>[1] = {},
    changes: { signal?: AbortSignal; cache?: boolean; tuning?: boolean } = {},
  ): Promise<FaceNetwork> {
    served?.dispose();
    served = serveModel(model, files);
    const options = { tfjsWasm, cache: false, ...changes };
    const started = await startBackend({ ...options, backend: 'webgpu' });
    return startFaceNetwork(started, served.url, { ...options, backend });
  }

  async function logitsOf(network: FaceNetwork): Promise<Float32Array> {
    return (await network.classify(picture, WHOLE)).logits;
  }

  /** The model whose test picture has other logits. */
  async function withWrongGolden(): Promise<Parameters<typeof serveModel>[1]> {
    const text = new TextDecoder().decode(model.files.get('golden.json'));
    const golden = JSON.parse(text) as { variant: { float16: number[][] } };
    golden.variant.float16[0]![2]! += 0.5;
    const bytes = new TextEncoder().encode(JSON.stringify(golden));
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const manifest = { ...model.manifest, golden: { file: 'golden.json', sha256 } };
    return { 'golden.json': bytes, 'manifest.json': JSON.stringify(manifest) };
  }

  it('makes no tensors: the plan runs, not the layers', async () => {
    const { numTensors } = tf.memory();
    const network = await start('webgpu');
    expect(network.backend.name).to.equal('webgpu');
    expect(await logitsOf(network)).to.have.lengthOf(7);
    expect(tf.memory().numTensors).to.equal(numTensors);
    network.dispose();
  });

  it('gives the logits of wasm', async () => {
    const planned = await start('webgpu');
    const wasm = await startFaceNetwork(
      await startBackend({ backend: 'wasm', tfjsWasm }),
      served!.url,
      { tfjsWasm, backend: 'wasm' },
    );
    const [actual, expected] = [await logitsOf(planned), await logitsOf(wasm)];
    expected.forEach((value, i) => expect(actual[i]).to.be.closeTo(value, 1e-2));
    planned.dispose();
    wasm.dispose();
  });

  it('explains the crop of each place as wasm does, and frees the layers that it makes for it', async () => {
    const { numTensors } = tf.memory();
    const planned = await start('webgpu');
    const wasm = await startFaceNetwork(
      await startBackend({ backend: 'wasm', tfjsWasm }),
      served!.url,
      { tfjsWasm, backend: 'wasm' },
    );
    const moved = { ...WHOLE, e: 12, f: -6 };
    for (const network of [planned, wasm]) {
      await network.classify(picture, WHOLE, 0);
      await network.classify(picture, moved, 1);
    }
    const maps: number[][] = [];
    for (const place of [0, 1]) {
      for (const classIndex of [0, 3]) {
        const expected = await wasm.explain(place, classIndex);
        const actual = await planned.explain(place, classIndex);
        expect([actual.width, actual.height]).to.deep.equal([2, 2]);
        expected.values.forEach((value, i) => {
          expect(actual.values[i]).to.be.closeTo(value, 0.02);
        });
        maps.push([...actual.values]);
      }
    }
    expect(maps[0]).not.to.deep.equal(maps[2]); // of two places
    planned.dispose();
    wasm.dispose();
    expect(tf.memory().numTensors).to.equal(numTensors);
  });

  describe('with tilings of an earlier visit', () => {
    /** As if the adapter were a card: on others nothing is timed or remembered. */
    const card = { vendor: 'acme', architecture: 'mk1', device: '', description: '' };
    const shapes = convolutionShapes(NARROW_NETWORK, PACKED_FLOAT16);
    const others = shapes.map((shape) => [shape, candidateTilings(shape).at(-1)!] as const);
    let codes: string[];
    let compile: (code: string) => string;

    beforeEach(async () => {
      await startBackend({ backend: 'webgpu', tfjsWasm });
      const device = graphicsDevice();
      Object.defineProperty(device, 'adapterInfo', { configurable: true, value: card });
      const create = device.createShaderModule.bind(device);
      codes = [];
      compile = (code) => code;
      device.createShaderModule = (descriptor) => {
        codes.push(descriptor.code);
        return create({ ...descriptor, code: compile(descriptor.code) });
      };
      const memory = await TilingMemory.open(card as GPUAdapterInfo, PACKED_FLOAT16, shapes);
      await memory.remember(others);
    });

    afterEach(async () => {
      Reflect.deleteProperty(graphicsDevice(), 'adapterInfo');
      Reflect.deleteProperty(graphicsDevice(), 'createShaderModule');
      await caches.delete('emotion-cam-tilings');
    });

    const taken = (): boolean =>
      others.every(([shape, tiling]) =>
        codes.includes(convolutionKernel(shape, tiling, PACKED_FLOAT16).code),
      );

    it('takes those, and gives the same logits', async () => {
      const tuned = await start('webgpu', {}, { cache: true });
      expect(taken()).to.equal(true);
      Reflect.deleteProperty(graphicsDevice(), 'adapterInfo');
      codes.length = 0;
      const usual = await start('webgpu', {}, { cache: true });
      expect(taken()).to.equal(false); // it is an adapter that runs on the CPU again
      const [actual, expected] = [await logitsOf(tuned), await logitsOf(usual)];
      expected.forEach((value, i) => expect(actual[i]).to.be.closeTo(value, 1e-2));
      tuned.dispose();
      usual.dispose();
    });

    it('takes the usual ones, from then on, where the card computes wrongly with those', async () => {
      const wrong = others.map(([shape, tiling]) =>
        convolutionKernel(shape, tiling, PACKED_FLOAT16),
      );
      compile = (code) =>
        wrong.some((kernel) => kernel.code === code) ? code.replaceAll('(a0.x)', '(a0.y)') : code;
      const network = await start('webgpu', {}, { cache: true });
      expect(network.backend.name).to.equal('webgpu');
      network.dispose();
      const memory = await TilingMemory.open(card as GPUAdapterInfo, PACKED_FLOAT16, shapes);
      for (const shape of shapes) {
        expect(memory.has(shape)).to.equal(true);
        expect(memory.choose(shape)).to.deep.equal(chooseTiling(shape));
      }
    });

    it('takes the usual ones where tuning is off', async () => {
      (await start('webgpu', {}, { cache: true, tuning: false })).dispose();
      expect(taken()).to.equal(false);
    });
  });

  it('goes on with wasm where WebGPU computes wrongly, and says so', async () => {
    const network = await start('auto', await withWrongGolden());
    expect(network.backend.name).to.equal('wasm');
    expect(network.backend.reason).to.match(/WebGPU computes wrongly here.*off by \d.*WebAssembly/);
    expect(await logitsOf(network)).to.have.lengthOf(7);
    network.dispose();
  });

  it('goes on with wasm where there is no test picture, and says which file is missing', async () => {
    const network = await start('auto', { 'golden.json': null });
    expect(network.backend.name).to.equal('wasm');
    expect(network.backend.reason).to.contain('golden.json');
    network.dispose();
  });

  it('refuses to compute wrongly where WebGPU was asked for', async () => {
    const error = await rejectionOf(start('webgpu', await withWrongGolden()));
    expect(error.code).to.equal('backend-unavailable');
    expect(error.message).to.contain('off by');
  });

  it('gives up when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('left the page');
    const starting = start('auto', {}, { signal: controller.signal });
    controller.abort(reason);
    expect(await starting.catch((error: unknown) => error)).to.equal(reason);
  });

  it('still gives the logits of a face that is under way when it is disposed of', async () => {
    const network = await start('webgpu');
    const expected = await logitsOf(network);
    const pending = logitsOf(network);
    network.dispose();
    expect(await pending).to.deep.equal(expected);
  });

  it('fails when its device is lost; a new one works', async () => {
    const network = await start('webgpu');
    const device = graphicsDevice();
    device.destroy();
    await device.lost;
    const failure = await network.classify(picture, WHOLE).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(DOMException);
    network.dispose();
    const next = await start('webgpu');
    expect(await logitsOf(next)).to.have.lengthOf(7);
    next.dispose();
  }).timeout(300_000); // a new device compiles every kernel anew
});
