import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { activate } from '../../src/backend.js';
import { cropTransform } from '../../src/face-crop.js';
import { FaceDetector } from '../../src/face-detector.js';
import { EmotionModel } from '../../src/model.js';
import type { FaceReading } from '../../src/reading.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import { rejectionOf } from '../support/failure.js';
import { narrowModel } from '../support/narrow-model.js';
import { FaceCropper } from '../../src/webgpu/face-cropper.js';
import { PlanExecutor } from '../../src/webgpu/plan-executor.js';
import { replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { drawnVideo } from './support/drawn-video.js';
import { exactCrop } from './support/exact-crop.js';
import { astronaut, drawn, placed } from './support/pictures.js';
import { serveModel, type ServedModel } from './support/served-model.js';

// What can be looked into in the page's own thread only. All else: recognizer.test.ts.
describe("EmotionRecognizer in the page's own thread", () => {
  let served: ServedModel;
  let portrait: ImageBitmap;

  before(async () => {
    served = serveModel(await narrowModel());
    portrait = await astronaut();
  });

  after(() => {
    served.dispose();
  });

  const create = (options: RecognizerOptions = {}): Promise<EmotionRecognizer> =>
    EmotionRecognizer.create({ thread: 'main', backend: 'wasm', model: served.url, ...options });

  it('reads a playing video once, so that detector and crop see the same picture', async () => {
    const playing = await drawnVideo({
      width: 512,
      height: 512,
      draw: (context) => {
        context.drawImage(portrait, 0, 0);
      },
    });
    const recognizer = await create();
    const { prototype } = OffscreenCanvasRenderingContext2D;
    const drawImage = Reflect.get(prototype, 'drawImage') as (...args: unknown[]) => void;
    const sources: unknown[] = [];
    Reflect.set(
      prototype,
      'drawImage',
      function (this: OffscreenCanvasRenderingContext2D, ...args: unknown[]) {
        sources.push(args[0]);
        Reflect.apply(drawImage, this, args);
      },
    );
    try {
      const result = await recognizer.recognize(playing.video);
      expect(result.faces).to.have.lengthOf(1);
      expect(sources.filter((one) => one === playing.video)).to.have.lengthOf(1);
      expect(sources.length).to.be.above(1); // the crop, from the copy
    } finally {
      Reflect.set(prototype, 'drawImage', drawImage);
      recognizer.dispose();
      playing.dispose();
    }
  });

  for (const backend of ['wasm', 'webgpu'] as const) {
    it(`times each stage of a frame by itself: ${backend}`, async () => {
      const recognizer = await create({ backend, maxFaces: 2 });
      const pair = drawn(800, 400, (context) => {
        for (const x of [0, 400]) context.drawImage(portrait, 100, 0, 260, 260, x, 0, 400, 400);
      });
      // Each stage sets the clock forward by so much more than it takes, a promise when it settles.
      let ahead = 0;
      const now = performance.now.bind(performance);
      replaceProperty(performance, 'now', () => now() + ahead);
      const delay = (target: object, method: string, ms: number, msAtCall = 0): void => {
        const original = Reflect.get(target, method) as (...args: unknown[]) => unknown;
        replaceProperty(target, method, function (this: unknown, ...args: unknown[]) {
          const result = Reflect.apply(original, this, args);
          ahead += msAtCall;
          const pass = (): void => void (ahead += ms);
          if (result instanceof Promise) return result.finally(pass);
          pass();
          return result;
        });
      };
      const MINUTE = 60_000;
      delay(FaceDetector.prototype, 'detect', MINUTE);
      if (backend === 'wasm') {
        delay(tf.browser, 'fromPixels', 2 * MINUTE);
        delay(EmotionModel.prototype, 'predict', 4 * MINUTE);
        delay(tf.Tensor.prototype, 'data', 8 * MINUTE);
      } else {
        delay(FaceCropper.prototype, 'cut', 2 * MINUTE);
        delay(PlanExecutor.prototype, 'run', 8 * MINUTE, 4 * MINUTE);
      }
      const { faces, timings } = await recognizer.recognize(pair);
      restoreProperties();
      expect(faces).to.have.lengthOf(2);
      const minutes = (ms: number): number => Math.floor(ms / MINUTE);
      const { detectMs, cropMs, networkMs, readbackMs, totalMs } = timings;
      expect([detectMs, cropMs, networkMs].map(minutes)).to.deep.equal([1, 4, 8]);
      expect(minutes(readbackMs)).to.equal(16);
      expect(totalMs).to.be.closeTo(detectMs + cropMs + networkMs + readbackMs, 1);
      recognizer.dispose();
    });
  }

  it('gives the same logits on all back ends', async () => {
    const readings: FaceReading[] = [];
    // Small enough that the crop enlarges: canvases shrink by halves, the graphics card exactly.
    const small = placed(portrait, { width: 256, height: 256 }, { x: 0, y: 0, scale: 0.5 });
    for (const backend of ['cpu', 'wasm', 'webgpu'] as const) {
      const recognizer = await create({ backend });
      readings.push((await recognizer.recognize(small)).faces[0]!);
      recognizer.dispose();
    }
    const [cpu, wasm, webgpu] = readings.map(({ logits }) => logits);
    cpu!.forEach((value, i) => expect(wasm![i]).to.be.closeTo(value, 1e-4));

    // Canvases interpolate in steps of a sixteenth of a pixel and cut numbers down to whole ones, which
    // is worth 0.024 here; WebGPU does neither. What is left of an exact crop is float16: 0.0007 here.
    const { manifest } = await narrowModel();
    const { eyes, rollDeadBandDegrees } = manifest.crop;
    const [left, right] = readings[0]!.keyPoints;
    const { size } = manifest.input;
    const transform = cropTransform(left, right, eyes, size, rollDeadBandDegrees);
    const model = await EmotionModel.load(served.url);
    const pixels = tf.tensor3d(exactCrop(small, transform, size), [size, size, 3]);
    const exact = await model.predict(pixels).data<'float32'>();
    exact.forEach((value, i) => expect(webgpu![i]).to.be.closeTo(value, 2e-3));
    pixels.dispose();
    model.dispose();
  });

  it('finds the faces of a frame while the graphics card has the one before, and answers in order', async () => {
    const recognizer = await create({ backend: 'webgpu', mode: 'image' });
    const expected = (await recognizer.recognize(portrait)).faces[0]!.logits;
    let release: (() => void) | undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const run = Reflect.get(PlanExecutor.prototype, 'run') as (
      ...args: unknown[]
    ) => Promise<unknown>;
    let waiting = 0;
    replaceProperty(
      PlanExecutor.prototype,
      'run',
      function (this: PlanExecutor, ...args: unknown[]) {
        waiting += 1;
        const logits = Reflect.apply(run, this, args);
        return released.then(() => logits);
      },
    );
    let detections = 0;
    const detect = Reflect.get(FaceDetector.prototype, 'detect') as (...args: unknown[]) => unknown;
    replaceProperty(
      FaceDetector.prototype,
      'detect',
      function (this: FaceDetector, ...args: unknown[]) {
        detections += 1;
        return Reflect.apply(detect, this, args);
      },
    );
    const answered: number[] = [];
    const frames = [portrait, drawn(64, 64), portrait].map(async (frame, i) => {
      const result = await recognizer.recognize(frame, i);
      answered.push(result.timestampMs);
      return result.faces;
    });
    expect(detections).to.equal(3);
    expect(waiting).to.equal(2);
    await new Promise((resolve) => setTimeout(resolve)); // the one without a face would be ready
    expect(answered).to.deep.equal([]);
    release!();
    const [first, none, third] = await Promise.all(frames);
    expect(answered).to.deep.equal([0, 1, 2]);
    expect(none).to.deep.equal([]);
    for (const faces of [first, third]) expect(faces![0]!.logits).to.deep.equal(expected);
    restoreProperties();
    recognizer.dispose();
  });

  it('reads the picture of a playing video where it lies, on WebGPU, and gives it back', async () => {
    const playing = await drawnVideo({
      width: 512,
      height: 512,
      draw: (context) => {
        context.drawImage(portrait, 0, 0);
      },
    });
    const recognizer = await create({ backend: 'webgpu' });
    const taken: VideoFrame[] = [];
    const importTexture = Reflect.get(GPUDevice.prototype, 'importExternalTexture') as (
      ...args: unknown[]
    ) => unknown;
    replaceProperty(
      GPUDevice.prototype,
      'importExternalTexture',
      function (this: GPUDevice, descriptor: GPUExternalTextureDescriptor) {
        taken.push(descriptor.source as VideoFrame);
        return Reflect.apply(importTexture, this, [descriptor]);
      },
    );
    const reading = recognizer.recognize(playing.video);
    expect(taken.map(({ format }) => format)).to.deep.equal([null]); // closed already
    expect((await reading).faces).to.have.lengthOf(1);
    expect(taken[0]).to.be.instanceOf(VideoFrame);
    restoreProperties();
    recognizer.dispose();
    playing.dispose();
  });

  it('shows the network the square around the face that the manifest describes', async () => {
    const recognizer = await create();
    const model = await EmotionModel.load(served.url);
    const { keyPoints, logits } = (await recognizer.recognize(portrait)).faces[0]!;
    // Eyes at (0.28, 0.34) and (0.72, 0.34), level: the roll is inside the dead band.
    const [left, right] = keyPoints;
    const side = Math.hypot(right.x - left.x, right.y - left.y) / 0.44;
    const x = (left.x + right.x) / 2 - 0.5 * side;
    const y = (left.y + right.y) / 2 - 0.34 * side;
    const logitsOf = async (dx: number): Promise<Float32Array> => {
      const canvas = drawn(64, 64, (context) => {
        context.imageSmoothingQuality = 'high';
        context.drawImage(portrait, x + dx, y, side, side, 0, 0, 64, 64);
      });
      const pixels = tf.browser.fromPixels(canvas.getContext('2d')!.getImageData(0, 0, 64, 64));
      return model.predict(pixels).data<'float32'>();
    };
    const distance = (other: Float32Array): number =>
      Math.hypot(...logits.map((z, i) => z - other[i]!)) / Math.hypot(...logits);
    expect(distance(await logitsOf(0))).to.be.below(0.02);
    expect(distance(await logitsOf(side / 16))).to.be.above(0.04); // four pixels aside tell
    model.dispose();
    recognizer.dispose();
  });

  it('frees every tensor', async () => {
    const { numTensors } = tf.memory();
    const recognizer = await create();
    await recognizer.recognize(portrait);
    recognizer.dispose();
    expect(tf.memory().numTensors).to.equal(numTensors);
  });

  it('works beside another one on another back end', async () => {
    const [wasm, cpu] = await Promise.all([create(), create({ backend: 'cpu' })]);
    const first = (await wasm.recognize(portrait)).faces[0]!;
    const second = (await cpu.recognize(portrait)).faces[0]!;
    const third = (await wasm.recognize(portrait)).faces[0]!;
    expect(third.logits).to.deep.equal(first.logits);
    expect(second.logits).to.have.lengthOf(7);
    expect(tf.getBackend()).to.equal('wasm');
    activate(cpu.backend);
    wasm.dispose();
    cpu.dispose();
  });

  it('frees what was loaded when something else cannot be', async () => {
    const { numTensors } = tf.memory();
    const broken = create({ assets: { faceDetector: '/nowhere/face.tflite' } });
    expect((await rejectionOf(broken)).code).to.equal('asset-unreachable');
    expect(tf.memory().numTensors).to.equal(numTensors);
    const missing = create({ model: '/nowhere/model/' });
    expect((await rejectionOf(missing)).code).to.equal('manifest-missing');
  });

  it('breaks off one download when the other fails', async () => {
    const { fetch } = globalThis;
    const detector = new URL('/hangs/face.tflite', location.href).href;
    globalThis.fetch = (input, init) => {
      if (String(input instanceof Request ? input.url : input) !== detector) {
        return fetch(input, init);
      }
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => {
          reject(init.signal?.reason as Error);
        });
      });
    };
    try {
      const error = await rejectionOf(
        create({ model: '/nowhere/model/', assets: { faceDetector: detector } }),
      );
      expect(error.code).to.equal('manifest-missing');
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('has run the face detector once when it is made', async () => {
    const { prototype } = FaceDetector;
    const detect = Reflect.get(prototype, 'detect') as (...args: unknown[]) => unknown;
    let runs = 0;
    Reflect.set(prototype, 'detect', function (this: FaceDetector, ...args: unknown[]) {
      runs += 1;
      return Reflect.apply(detect, this, args);
    });
    try {
      (await create()).dispose();
      expect(runs).to.equal(1);
    } finally {
      Reflect.set(prototype, 'detect', detect);
    }
  });

  it('gives up loading when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('left the page');
    const onProgress = (): void => {
      controller.abort(reason);
    };
    const { numTensors } = tf.memory();
    const result = await create({ onProgress, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    expect(result).to.equal(reason);
    expect(tf.memory().numTensors).to.equal(numTensors);
  });
});
