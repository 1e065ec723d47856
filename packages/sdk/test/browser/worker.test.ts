import { expect } from 'chai';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import { rejectionOf } from '../support/failure.js';
import { narrowModel } from '../support/narrow-model.js';
import { replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { hostModel } from './support/hosted-model.js';
import { astronaut, drawn } from './support/pictures.js';

/** A worker that a test has its hands on. */
class SeenWorker extends Worker {
  static last: SeenWorker | undefined;
  /** What was handed over with each message. */
  readonly transferred: unknown[] = [];
  isTerminated = false;

  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    SeenWorker.last = this;
  }

  override postMessage(
    message: unknown,
    transfer: Transferable[] | StructuredSerializeOptions = [],
  ): void {
    if (!Array.isArray(transfer)) throw new TypeError('a list was expected');
    this.transferred.push(...transfer);
    super.postMessage(message, transfer);
  }

  override terminate(): void {
    this.isTerminated = true;
    super.terminate();
  }
}

/** A worker with a script of the test's own. */
function workerWith(script: string): typeof Worker {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return class extends Worker {
    constructor() {
      super(url, { type: 'module' });
    }
  };
}

describe('the worker of an EmotionRecognizer', () => {
  let model: string;
  let portrait: ImageBitmap;

  before(async () => {
    model = await hostModel(await narrowModel());
    portrait = await astronaut();
  });
  afterEach(() => {
    restoreProperties();
  });

  const create = (options: RecognizerOptions = {}): Promise<EmotionRecognizer> =>
    EmotionRecognizer.create({ backend: 'wasm', model, ...options });

  it('is what works by default, and says so', async () => {
    replaceProperty(globalThis, 'Worker', SeenWorker);
    const recognizer = await create();
    expect(recognizer.thread.name).to.equal('worker');
    expect(recognizer.thread.reason).to.contain('responsive').and.to.contain('as VideoFrame');
    recognizer.dispose();
  });

  it('uses both of two processors for wasm', async () => {
    const recognizer = await create();
    const atLeast = Math.min(2, navigator.hardwareConcurrency);
    expect(recognizer.backend.threads).to.be.within(atLeast, 4);
    expect(recognizer.backend.reason).to.contain(`threads: ${recognizer.backend.threads}.`);
    recognizer.dispose();
  });

  it('gives the same logits as the page’s own thread', async () => {
    const logits: Float32Array[] = [];
    for (const thread of ['worker', 'main'] as const) {
      const recognizer = await create({ thread });
      logits.push((await recognizer.recognize(portrait)).faces[0]!.logits);
      recognizer.dispose();
    }
    expect(logits[0]).to.deep.equal(logits[1]);
  });

  it('is handed frames, not their pixels', async () => {
    replaceProperty(globalThis, 'Worker', SeenWorker);
    const recognizer = await create();
    await recognizer.recognize(portrait);
    const [frame] = SeenWorker.last!.transferred as [VideoFrame];
    expect(frame).to.be.instanceOf(VideoFrame);
    expect(frame.format).to.equal(null); // it belongs to the worker now
    recognizer.dispose();
  });

  it('is handed bitmaps where the browser has no VideoFrame, in the order of the calls', async () => {
    replaceProperty(globalThis, 'Worker', SeenWorker);
    replaceProperty(globalThis, 'VideoFrame', undefined);
    const recognizer = await create();
    const results = await Promise.all([
      recognizer.recognize(portrait, 1),
      recognizer.recognize(drawn(64, 64), 2),
    ]);
    expect(results.map(({ faces }) => faces.length)).to.deep.equal([1, 0]);
    expect(SeenWorker.last!.transferred[0]).to.be.instanceOf(ImageBitmap);
    expect(recognizer.thread.reason).to.contain('as ImageBitmap');
    recognizer.dispose();
  });

  it('ends with the recognizer, after the frames in flight', async () => {
    replaceProperty(globalThis, 'Worker', SeenWorker);
    const recognizer = await create();
    const result = recognizer.recognize(portrait);
    recognizer.dispose();
    expect(SeenWorker.last!.isTerminated).to.equal(false);
    expect((await result).faces).to.have.lengthOf(1);
    expect(SeenWorker.last!.isTerminated).to.equal(true);
  });

  it('ends when nobody waits for it any more', async () => {
    replaceProperty(globalThis, 'Worker', SeenWorker);
    const controller = new AbortController();
    const onProgress = (): void => {
      controller.abort();
    };
    await create({ signal: controller.signal, onProgress }).catch(() => undefined);
    expect(SeenWorker.last!.isTerminated).to.equal(true);
  });

  it('passes on what went wrong in it, with code and cause', async () => {
    replaceProperty(globalThis, 'Worker', SeenWorker);
    const error = await rejectionOf(create({ assets: '/nowhere/' }));
    expect(error.code).to.equal('asset-unreachable');
    expect(error.message).to.contain('/nowhere/');
    expect(SeenWorker.last!.isTerminated).to.equal(true);
  });

  describe('where it cannot do the work', () => {
    const obstacles: [string, () => unknown, RegExp][] = [
      ['there are no workers', () => undefined, /gave no worker/],
      [
        'its script is not there',
        () =>
          class extends Worker {
            constructor() {
              super('/nowhere/pipeline-worker.js', { type: 'module' });
            }
          },
        /script could not be loaded/,
      ],
      ['its script fails', () => workerWith('throw new Error("too old");'), /too old/],
      [
        'it has no WebGL',
        () => workerWith('postMessage({ type: "started", hasGpu: true, hasWebGl: false });'),
        /no WebGL in workers/,
      ],
      [
        'WebGPU is in pages only',
        () => workerWith('postMessage({ type: "started", hasGpu: false, hasWebGl: true });'),
        /WebGPU in pages, but not in workers/,
      ],
    ];
    for (const [obstacle, worker, reason] of obstacles) {
      it(`leaves it to the page's own thread: ${obstacle}`, async () => {
        replaceProperty(globalThis, 'Worker', worker());
        const recognizer = await create();
        expect(recognizer.thread.name).to.equal('main');
        expect(recognizer.thread.reason).to.match(reason);
        expect((await recognizer.recognize(portrait)).faces).to.have.lengthOf(1);
        recognizer.dispose();
      });

      it(`refuses where a worker was asked for: ${obstacle}`, async () => {
        replaceProperty(globalThis, 'Worker', worker());
        const error = await rejectionOf(create({ thread: 'worker' }));
        expect(error.code).to.equal('worker-unavailable');
        expect(error.message).to.match(reason);
      });
    }
  });
});
