import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'chai';
import type { ModelOptions } from '../../src/model-files.js';
import { EmotionModel } from '../../src/model.js';
import { infer } from '../../src/network/index.js';
import { rejectionOf } from '../support/failure.js';
import {
  NARROW_NETWORK,
  narrowModel,
  randomWeights,
  uniform,
  type TestModel,
} from '../support/narrow-model.js';
import { serveModel, type ServedModel } from './support/served-model.js';

const S = NARROW_NETWORK.inputSize;

describe('EmotionModel', () => {
  let source: TestModel;
  let served: ServedModel | undefined;

  before(async () => {
    await tf.setBackend('cpu');
    source = await narrowModel();
  });

  afterEach(() => {
    served?.dispose();
    served = undefined;
  });

  function load(
    files: Parameters<typeof serveModel>[1] = {},
    options: ModelOptions = {},
  ): Promise<EmotionModel> {
    served = serveModel(source, files);
    return EmotionModel.load(served.url, options);
  }

  const edited = (edit: (manifest: Record<string, unknown>) => void): string => {
    const manifest = structuredClone(source.manifest) as unknown as Record<string, unknown>;
    edit(manifest);
    return JSON.stringify(manifest);
  };

  it('normalises pixels and gives the logits of the network', async () => {
    const model = await load();
    const next = uniform(5);
    const pixels = Float32Array.from({ length: S * S * 3 }, () => Math.floor(next() * 256));
    const got = model.predict(tf.tensor3d(pixels, [S, S, 3]));
    const { mean, std } = source.manifest.input;
    const normalised = pixels.map((value, i) => (value / 255 - mean[i % 3]!) / std[i % 3]!);
    const weights = Object.fromEntries(
      randomWeights(NARROW_NETWORK).map(({ name, shape, data }) => [
        name,
        tf.tensor(data, [...shape]),
      ]),
    );
    const expected = infer(tf.tensor4d(normalised, [1, S, S, 3]), weights, NARROW_NETWORK);
    expect(got.shape).to.deep.equal([1, 7]);
    const [gotData, expectedData] = [await got.data(), await expected.data()];
    const spread = Math.max(...expectedData) - Math.min(...expectedData);
    expect(spread).to.be.above(0.1);
    gotData.forEach((value, i) => {
      expect(value).to.be.closeTo(expectedData[i]!, 0.01 * spread); // the weights are float16
    });
    model.dispose();
  });

  it('takes batches', async () => {
    const model = await load();
    const first = tf.randomUniform<tf.Rank.R3>([S, S, 3], 0, 255, 'float32', 1);
    const second = tf.randomUniform<tf.Rank.R3>([S, S, 3], 0, 255, 'float32', 2);
    const batch = await model.predict(tf.stack([first, second]) as tf.Tensor4D).array();
    const single = await model.predict(second).array();
    single[0]!.forEach((value, i) => {
      expect(batch[1]![i]).to.be.closeTo(value, 1e-4);
    });
    model.dispose();
  });

  it('fetches only the precision that is asked for', async () => {
    const model = await load({}, { variant: 'uint8' });
    const { shards } = source.manifest.variants.uint8;
    expect(shards.length).to.be.above(1);
    expect([...served!.requests].sort()).to.deep.equal(
      ['manifest.json', ...shards.map(({ file }) => file)].sort(),
    );
    model.dispose();
  });

  it('finds the manifest by its own address too', async () => {
    served = serveModel(source);
    const model = await EmotionModel.load(`${served.url}manifest.json`);
    expect(model.manifest.name).to.equal('narrow');
    model.dispose();
  });

  it('reports progress up to the size of the weights', async () => {
    const reports: [number, number][] = [];
    const model = await load({}, { onProgress: (...report) => reports.push(report) });
    const total = source.manifest.variants.float16.shards.reduce(
      (sum, { bytes }) => sum + bytes,
      0,
    );
    const loaded = reports.map(([bytes]) => bytes);
    expect(reports.every(([, bytes]) => bytes === total)).to.equal(true);
    expect(loaded[0]).to.equal(0);
    expect(loaded.at(-1)).to.equal(total);
    expect(loaded).to.deep.equal([...loaded].sort((a, b) => a - b));
    expect(new Set(loaded).size).to.be.above(source.manifest.variants.float16.shards.length);
    model.dispose();
  });

  it('frees every tensor', async () => {
    const before = tf.memory().numTensors;
    const model = await load();
    expect(tf.memory().numTensors).to.be.above(before);
    model.dispose();
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('gives up when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('left the page');
    const onProgress = (): void => {
      controller.abort(reason);
    };
    const before = tf.memory().numTensors;
    const result = await load({}, { onProgress, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    expect(result).to.equal(reason);
    expect(tf.memory().numTensors).to.equal(before);
  });

  describe('refuses', () => {
    const file = 'float16-2.bin';
    const changedByte = (): Uint8Array<ArrayBuffer> => {
      const bytes = source.files.get(file)!.slice();
      bytes[1000]! ^= 1;
      return bytes;
    };
    const cases: [
      string,
      code: string,
      message: RegExp,
      files: () => Parameters<typeof serveModel>[1],
    ][] = [
      [
        'a manifest that is not there',
        'manifest-missing',
        /404/,
        () => ({ 'manifest.json': null }),
      ],
      [
        'a manifest that is cut short',
        'manifest-invalid',
        /not JSON/,
        () => ({ 'manifest.json': JSON.stringify(source.manifest).slice(0, 500) }),
      ],
      [
        'a page in place of the manifest',
        'manifest-invalid',
        /<!doctype html>/,
        () => ({ 'manifest.json': '<!doctype html><title>Welcome</title>' }),
      ],
      [
        'a manifest without temperature',
        'manifest-invalid',
        /"temperature" is missing/,
        () => ({ 'manifest.json': edited((manifest) => delete manifest.temperature) }),
      ],
      [
        'a manifest of a later version',
        'manifest-version',
        /version 2, expected 1/,
        () => ({ 'manifest.json': edited((manifest) => (manifest.formatVersion = 2)) }),
      ],
      [
        'weights that are not there',
        'weights-missing',
        /float16-2\.bin.*404/,
        () => ({ [file]: null }),
      ],
      [
        'weights that are cut short',
        'weights-truncated',
        /float16-2\.bin has 100 bytes, the manifest says \d+/,
        () => ({ [file]: source.files.get(file)!.slice(0, 100) }),
      ],
      [
        'weights that were changed',
        'weights-hash',
        /float16-2\.bin has the sha-256 [0-9a-f]{64}/,
        () => ({ [file]: changedByte() }),
      ],
    ];
    for (const [what, code, message, files] of cases) {
      it(what, async () => {
        const before = tf.memory().numTensors;
        const error = await rejectionOf(load(files()));
        expect(error.code).to.equal(code);
        expect(error.message).to.match(message);
        expect(tf.memory().numTensors).to.equal(before);
      });
    }
  });
});
