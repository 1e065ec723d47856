import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import type { EmotionCamError } from '../../src/errors.js';
import type { EmotionCamErrorEvent, SetupChangeEvent } from '../../src/events.js';
import { FaceDetector } from '../../src/face-detector.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import { rejectionOf } from '../support/failure.js';
import { narrowModel } from '../support/narrow-model.js';
import { replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { faultyWorkers } from './support/faulty-worker.js';
import { hostModel } from './support/hosted-model.js';
import { astronaut } from './support/pictures.js';
import { next } from './support/scripted-cam.js';

/** SwiftShader compiles the plan's shaders on the CPU, once for each device. */
const GPU_TIMEOUT_MS = 300_000;

describe('EmotionRecognizer, when something is lost', () => {
  let model: string;
  let portrait: ImageBitmap;
  let recognizer: EmotionRecognizer;

  before(async () => {
    model = await hostModel(await narrowModel());
    portrait = await astronaut();
  });
  afterEach(() => {
    recognizer.dispose();
    restoreProperties();
  });

  const create = async (options: RecognizerOptions): Promise<EmotionRecognizer> => {
    recognizer = await EmotionRecognizer.create({ model, backend: 'wasm', ...options });
    return recognizer;
  };

  /** Waits hardly at all where the recognizer would wait for so long. */
  function shorten(...delaysMs: readonly number[]): void {
    const { setTimeout } = globalThis;
    replaceProperty(globalThis, 'setTimeout', (call: () => void, delayMs = 0) =>
      setTimeout(call, delaysMs.includes(delayMs) ? 20 : delayMs),
    );
  }

  /** Resolves when it is set up again. */
  const changed = (): Promise<SetupChangeEvent> => next(recognizer, 'setup-change');

  async function recognizesAFace(): Promise<number> {
    const { faces } = await recognizer.recognize(portrait);
    expect(faces).to.have.lengthOf(1);
    return faces[0]!.id;
  }

  function loseGpuOfPage(): void {
    (tf.engine().findBackend('webgpu') as unknown as WebGPUBackend).device.destroy();
  }

  it('takes a lost graphics card again, and WebAssembly when it is lost once more', async function () {
    this.timeout(GPU_TIMEOUT_MS);
    await create({ thread: 'main', backend: 'webgpu' });
    await recognizesAFace();
    for (const backend of ['webgpu', 'wasm']) {
      const event = changed();
      loseGpuOfPage();
      expect(await event).to.include({ cause: 'gpu-lost' });
      expect((await event).reason).to.contain('graphics device was lost');
      expect(recognizer.backend.name).to.equal(backend);
      await recognizesAFace();
    }
  });

  it('takes WebAssembly at once where the graphics card does not come back, in a worker', async function () {
    this.timeout(GPU_TIMEOUT_MS);
    const workers = faultyWorkers();
    await create({ thread: 'worker', backend: 'webgpu' });
    const event = changed();
    workers.takeGpuAway();
    await workers.break('loseGpu');
    expect(await event).to.include({ cause: 'gpu-lost' });
    expect(recognizer.backend.name).to.equal('wasm');
    await recognizesAFace();
    expect(workers.started).to.equal(3); // the second had no graphics card
  });

  it('drops the frames in work and says so, each with one error', async () => {
    const workers = faultyWorkers();
    await create({ thread: 'worker' });
    const event = changed();
    await workers.break('mute');
    const frames = [recognizer.recognize(portrait), recognizer.recognize(portrait)];
    const dropped = Promise.all(frames.map(rejectionOf));
    await workers.break('crash');
    const errors = await dropped;
    expect(errors.map(({ code }) => code)).to.deep.equal(['frame-dropped', 'frame-dropped']);
    const meanwhile = await rejectionOf(recognizer.recognize(portrait));
    expect(meanwhile.code).to.equal('frame-dropped');
    expect(meanwhile.message).to.contain('set up again');
    expect(await event).to.include({ cause: 'worker-failed' });
    await recognizesAFace();
  });

  it('gives no face the number of one before', async () => {
    const workers = faultyWorkers();
    await create({ thread: 'worker' });
    expect(await recognizesAFace()).to.equal(1);
    const event = changed();
    await workers.break('crash');
    await event;
    expect(await recognizesAFace()).to.equal(2);
  });

  it('starts a worker that crashes three times again, and fails for good after', async () => {
    const workers = faultyWorkers();
    shorten(500, 1000, 2000);
    await create({ thread: 'worker' });
    for (let restart = 1; restart <= 3; restart++) {
      const event = changed();
      await workers.break('crash');
      await event;
      await recognizesAFace();
      expect(workers.started).to.equal(1 + restart);
    }
    const calibration = rejectionOf(recognizer.calibrate(1));
    const event = next<EmotionCamErrorEvent>(recognizer, 'error');
    await workers.break('crash');
    const { error } = await event;
    expect(error.code).to.equal('recognizer-failed');
    expect(error.message).to.contain('The test says so.').and.to.contain('3 restarts');
    expect(await rejectionOf(recognizer.recognize(portrait))).to.equal(error);
    expect(await calibration).to.equal(error);
    expect(workers.started).to.equal(4);
  });

  it('starts a worker again that says nothing any more', async () => {
    const workers = faultyWorkers();
    await create({ thread: 'worker' });
    await recognizesAFace();
    shorten(30_000);
    const event = changed();
    await workers.break('hang');
    const frame = recognizer.recognize(portrait);
    expect((await rejectionOf(frame)).message).to.contain('30 seconds');
    restoreProperties();
    expect(await event).to.include({ cause: 'worker-failed' });
    await recognizesAFace();
  });

  it('does not take a worker for dead that was frozen with its page', async () => {
    const workers = faultyWorkers();
    await create({ thread: 'worker' });
    await recognizesAFace();
    shorten(30_000); // to less than the worker takes
    const now = performance.now.bind(performance);
    replaceProperty(performance, 'now', () => 10_000 * now()); // so that each wait ends too late
    await workers.break('doze');
    await recognizesAFace();
    restoreProperties();
    expect(workers.started).to.equal(1);
  });

  it('mends a face detector whose WebGL context is lost, in a worker', async () => {
    const workers = faultyWorkers();
    await create({ thread: 'worker' });
    await recognizesAFace();
    const event = changed();
    await workers.break('loseWebGl');
    expect(await event).to.include({ cause: 'detector-lost' });
    await recognizesAFace();
  });

  it('and in the page', async () => {
    const contexts: WebGL2RenderingContext[] = [];
    const { prototype } = HTMLCanvasElement;
    const getContext = Reflect.get(prototype, 'getContext') as (...args: unknown[]) => unknown;
    replaceProperty(prototype, 'getContext', function (this: unknown, ...args: unknown[]) {
      const context = Reflect.apply(getContext, this, args);
      if (context instanceof WebGL2RenderingContext) contexts.push(context);
      return context;
    });
    await create({ thread: 'main' });
    const event = changed();
    contexts.at(-1)!.getExtension('WEBGL_lose_context')!.loseContext();
    expect(await event).to.include({ cause: 'detector-lost' });
    await recognizesAFace();
  });

  for (const [what, target, method, fault] of [
    [
      'the face detector throws',
      FaceDetector.prototype,
      'detect',
      () => {
        throw new WebAssembly.RuntimeError('unreachable');
      },
    ],
    [
      'the network gives what is no number',
      tf.Tensor.prototype,
      'data',
      () => Promise.resolve(new Float32Array(7).fill(NaN)),
    ],
  ] as const) {
    it(`is set up again where ${what}, and drops the frame`, async () => {
      await create({ thread: 'main', detectionIntervalMs: 0 });
      await recognizesAFace();
      const event = changed();
      replaceProperty(target, method, fault);
      const error = await rejectionOf(recognizer.recognize(portrait));
      restoreProperties();
      expect(error.code).to.equal('frame-dropped');
      expect(await event).to.include({ cause: 'frame-failed' });
      await recognizesAFace();
    });
  }

  it('tries again where it cannot be set up at once, and fails with the reason', async () => {
    const workers = faultyWorkers();
    shorten(500, 1000, 2000);
    await create({ thread: 'worker' });
    const event = next<EmotionCamErrorEvent>(recognizer, 'error');
    await workers.break('crash');
    let tries = 0;
    replaceProperty(globalThis, 'Worker', function () {
      tries += 1;
      throw new Error('too many workers');
    });
    const { error } = await event;
    expect(tries).to.equal(3);
    expect(error.code).to.equal('recognizer-failed');
    expect((error.cause as EmotionCamError).message).to.contain('too many workers');
  });

  it('leaves nothing behind when it is disposed of meanwhile', async () => {
    const workers = faultyWorkers();
    await create({ thread: 'worker' });
    await workers.break('crash');
    let failure: unknown;
    while (!failure) failure = await recognizer.recognize(portrait).then(() => undefined, String);
    recognizer.addEventListener('setup-change', () => expect.fail('nobody waits for it'));
    recognizer.dispose();
    expect((await rejectionOf(recognizer.recognize(portrait))).code).to.equal(
      'recognizer-disposed',
    );
    expect(workers.started).to.equal(1);
  });

  for (const thread of ['main', 'worker'] as const) {
    it(`says of a frame that it cannot be read, and is not lost by it: ${thread}`, async () => {
      await create({ thread });
      const pixels = new ImageData(8, 8);
      structuredClone(pixels.data.buffer, { transfer: [pixels.data.buffer] });
      expect((await rejectionOf(recognizer.recognize(pixels))).code).to.equal('frame-empty');
      const tainted = new DOMException('pixels of another origin', 'SecurityError');
      replaceProperty(globalThis, 'VideoFrame', undefined);
      replaceProperty(globalThis, 'createImageBitmap', () => Promise.reject(tainted));
      replaceProperty(OffscreenCanvasRenderingContext2D.prototype, 'getImageData', () => {
        throw tainted;
      });
      const error = await rejectionOf(recognizer.recognize(portrait));
      expect(error.code).to.equal('frame-unreadable');
      expect(error.message).to.contain('another origin');
      restoreProperties();
      await recognizesAFace();
    });
  }
});
