import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { activate, type BackendName } from '../../src/backend.js';
import { FaceDetector } from '../../src/face-detector.js';
import { EmotionModel } from '../../src/model.js';
import { EMOTIONS } from '../../src/network/index.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import { failureOf, rejectionOf } from '../support/failure.js';
import { narrowModel, type TestModel } from '../support/narrow-model.js';
import { drawnVideo } from './support/drawn-video.js';
import { astronaut, drawn, placed } from './support/pictures.js';
import { serveModel, type ServedModel } from './support/served-model.js';

/** The temperature of the narrow model. */
const TEMPERATURE = 1.5;

describe('EmotionRecognizer', () => {
  let source: TestModel;
  let served: ServedModel;
  let portrait: ImageBitmap;

  before(async () => {
    source = await narrowModel();
    served = serveModel(source);
    portrait = await astronaut();
  });

  after(() => {
    served.dispose();
  });

  const create = (options: RecognizerOptions = {}): Promise<EmotionRecognizer> =>
    EmotionRecognizer.create({ backend: 'wasm', model: served.url, ...options });

  for (const name of ['cpu', 'wasm', 'webgpu'] as const satisfies BackendName[]) {
    describe(`on ${name}`, () => {
      let recognizer: EmotionRecognizer;

      before(async () => {
        recognizer = await create({ backend: name });
      });

      after(() => {
        recognizer.dispose();
      });

      it('reads the largest face in a frame', async () => {
        const result = await recognizer.recognize(portrait, 1234.5);
        expect(recognizer.backend.name).to.equal(name);
        expect(result.timestampMs).to.equal(1234.5);
        expect(result.frame).to.deep.equal({ width: 512, height: 512 });
        expect(result.faces).to.have.lengthOf(1);
        const { box, keyPoints, detectionScore, rollDegrees, emotion, scores, logits } =
          result.faces[0]!;
        expect(box.x + box.width / 2).to.be.closeTo(224, 12);
        expect(keyPoints).to.have.lengthOf(6);
        expect(detectionScore).to.be.above(0.8);
        expect(rollDegrees).to.be.within(0, 12);

        // Probabilities worked out from the logits by another way: p_i = 1 / sum_j exp((z_j - z_i) / T)
        expect(Object.keys(scores)).to.deep.equal([...EMOTIONS]);
        EMOTIONS.forEach((label, i) => {
          const sum = [...logits].reduce((a, z) => a + Math.exp((z - logits[i]!) / TEMPERATURE), 0);
          expect(scores[label]).to.be.closeTo(1 / sum, 1e-6);
        });
        expect(scores[emotion]).to.equal(Math.max(...Object.values(scores)));
      });

      it('keeps no tensors', async () => {
        await recognizer.recognize(portrait);
        const { numTensors } = tf.memory();
        for (let i = 0; i < 5; i++) await recognizer.recognize(portrait);
        expect(tf.memory().numTensors).to.equal(numTensors);
      });
    });
  }

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

  it('gives the same logits on all back ends', async () => {
    const readings: Float32Array[] = [];
    for (const backend of ['cpu', 'wasm', 'webgpu'] as const) {
      const recognizer = await create({ backend });
      readings.push((await recognizer.recognize(portrait)).faces[0]!.logits);
      recognizer.dispose();
    }
    const [cpu, wasm, webgpu] = readings;
    // A pixel of the crop may differ by one step between canvases in memory and on the graphics card.
    cpu!.forEach((value, i) => {
      expect(wasm![i]).to.be.closeTo(value, 1e-4);
      expect(webgpu![i]).to.be.closeTo(value, 2e-2);
    });
  });

  describe('with several faces in the frame', () => {
    /** Two portraits; the left one is larger by a third and lies so many pixels to the right. */
    const pair = (shift = 0): OffscreenCanvas =>
      drawn(800, 500, (context) => {
        context.drawImage(portrait, 100, 0, 270, 260, shift, 0, 432, 416);
        context.drawImage(portrait, 100, 0, 270, 260, 476, 100, 324, 312);
      });

    it('reads the largest one by default', async () => {
      const recognizer = await create();
      const { faces } = await recognizer.recognize(pair());
      expect(faces.map(({ box }) => box.x < 400)).to.deep.equal([true]);
      recognizer.dispose();
    });

    it('reads as many as it is told to, each from its own crop', async () => {
      const recognizer = await create({ maxFaces: 3 });
      const { faces } = await recognizer.recognize(pair());
      expect(faces.map(({ box }) => box.x < 400)).to.deep.equal([true, false]);
      const alone = await create();
      const { faces: first } = await alone.recognize(pair());
      expect(faces[0]!.logits).to.deep.equal(first[0]!.logits);
      expect(faces[1]!.logits).not.to.deep.equal(first[0]!.logits);
      recognizer.dispose();
      alone.dispose();
    });

    it('keeps their ids while they move', async () => {
      const recognizer = await create({ maxFaces: 2 });
      for (let frame = 0; frame < 4; frame++) {
        const { faces } = await recognizer.recognize(pair(frame * 10), frame * 50);
        expect(faces.map(({ id }) => id)).to.deep.equal([1, 2]);
      }
      recognizer.dispose();
    });

    it('keeps no tensors', async () => {
      const recognizer = await create({ maxFaces: 2 });
      await recognizer.recognize(pair());
      const { numTensors } = tf.memory();
      for (let i = 0; i < 3; i++) await recognizer.recognize(pair());
      expect(tf.memory().numTensors).to.equal(numTensors);
      recognizer.dispose();
    });
  });

  it('steadies the box from frame to frame, but not in image mode', async () => {
    const boxes: Record<string, number> = {};
    for (const mode of ['video', 'image'] as const) {
      const recognizer = await create({ mode });
      await recognizer.recognize(
        placed(portrait, { width: 640, height: 512 }, { x: 0, y: 0, scale: 1 }),
        0,
      );
      const moved = placed(portrait, { width: 640, height: 512 }, { x: 10, y: 0, scale: 1 });
      boxes[mode] = (await recognizer.recognize(moved, 20)).faces[0]!.box.x;
      recognizer.dispose();
    }
    expect(boxes['video']).to.be.below(boxes['image']! - 2);
  });

  it('takes faces for others when the frames change their size', async () => {
    const recognizer = await create();
    expect((await recognizer.recognize(portrait, 0)).faces[0]!.id).to.equal(1);
    expect((await recognizer.recognize(portrait, 30)).faces[0]!.id).to.equal(1);
    const larger = placed(portrait, { width: 520, height: 512 }, { x: 0, y: 0, scale: 1 });
    expect((await recognizer.recognize(larger, 60)).faces[0]!.id).to.equal(2);
    recognizer.dispose();
  });

  describe('calibrate', () => {
    let recognizer: EmotionRecognizer;
    beforeEach(async () => {
      recognizer = await create();
    });
    afterEach(() => {
      recognizer.dispose();
    });

    async function recognizeSecond(frame: ImageBitmap | OffscreenCanvas): Promise<void> {
      for (let i = 0; i <= 10; i++) await recognizer.recognize(frame, i * 100);
    }

    it('learns a face at rest and reads it as neutral from then on', async () => {
      const calibration = recognizer.calibrate(1);
      const before = (await recognizer.recognize(portrait, -50)).faces[0]!;
      await recognizeSecond(portrait);
      const baseline = await calibration;
      expect(recognizer.baseline).to.equal(baseline);
      expect(Object.values(baseline).some((offset) => offset > 0)).to.equal(true);
      const { calibratedScores, rawScores } = (await recognizer.recognize(portrait, 1100))
        .faces[0]!;
      for (const emotion of EMOTIONS) {
        if (baseline[emotion] > 0) {
          const ratio = (scores: typeof rawScores) => scores[emotion] / scores.neutral;
          const offset = Math.log(ratio(before.calibratedScores) / ratio(calibratedScores));
          expect(offset).to.be.closeTo(baseline[emotion], 1e-4);
        }
      }
      expect(rawScores).to.deep.equal(before.rawScores);
    });

    it('fails where nobody is in view, and leaves the baseline as it was', async () => {
      const failure = rejectionOf(recognizer.calibrate(1));
      await recognizeSecond(drawn(64, 64));
      expect((await failure).code).to.equal('calibration-failed');
      expect(recognizer.baseline).to.equal(undefined);
    });

    it('fails when the recognizer is disposed of', async () => {
      const failure = rejectionOf(recognizer.calibrate(1));
      recognizer.dispose();
      expect((await failure).code).to.equal('recognizer-disposed');
      expect((await rejectionOf(recognizer.calibrate(1))).code).to.equal('recognizer-disposed');
    });

    it('gives up when it is told to', async () => {
      const controller = new AbortController();
      const reason = new Error('changed my mind');
      const failure = recognizer
        .calibrate(1, { signal: controller.signal })
        .catch((e: unknown) => e);
      controller.abort(reason);
      expect(await failure).to.equal(reason);
    });

    it('refuses a time that is none and a baseline that is none', async () => {
      expect((await rejectionOf(recognizer.calibrate(-1))).code).to.equal('option-invalid');
      const wrong = { neutral: 1 } as unknown as NonNullable<typeof recognizer.baseline>;
      const set = (): void => {
        recognizer.baseline = wrong;
      };
      expect(failureOf(set).code).to.equal('option-invalid');
    });
  });

  it('records results until it is told to stop, or is disposed of', async () => {
    const recognizer = await create();
    const [short, long] = [recognizer.record(), recognizer.record()];
    const { faces } = await recognizer.recognize(portrait, 1000);
    short.stop();
    await recognizer.recognize(drawn(64, 64), 1100);
    recognizer.dispose();
    expect(short.frames).to.have.lengthOf(1);
    expect(short.frames[0]!.faces[0]!.scores).to.deep.equal(faces[0]!.scores);
    expect(long.frames.map(({ timeMs }) => timeMs)).to.deep.equal([0, 100]);
    expect(long.toJSON().model).to.equal('narrow');
    expect(failureOf(() => recognizer.record()).code).to.equal('recognizer-disposed');
  });

  it('refuses options that make no sense', async () => {
    expect((await rejectionOf(create({ maxFaces: 0 }))).code).to.equal('option-invalid');
  });

  it('gives no faces where there are none', async () => {
    const recognizer = await create();
    const { faces, timings } = await recognizer.recognize(drawn(64, 64));
    expect(faces).to.deep.equal([]);
    expect(timings.networkMs).to.equal(0);
    recognizer.dispose();
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

  it('has read the frame when it returns, so the frame may be closed at once', async () => {
    const recognizer = await create();
    const frame = await createImageBitmap(portrait);
    const result = recognizer.recognize(frame);
    frame.close();
    expect((await result).faces).to.have.lengthOf(1);
    recognizer.dispose();
  });

  it('answers calls that overlap, each with its own frame', async () => {
    const recognizer = await create();
    const expected = await recognizer.recognize(portrait);
    const [first, none, third] = await Promise.all([
      recognizer.recognize(portrait, 1),
      recognizer.recognize(drawn(64, 64), 2),
      recognizer.recognize(portrait, 3),
    ]);
    expect(first.faces[0]!.logits).to.deep.equal(expected.faces[0]!.logits);
    expect(third.faces[0]!.logits).to.deep.equal(expected.faces[0]!.logits);
    expect(none.faces).to.deep.equal([]);
    expect([first.timestampMs, none.timestampMs, third.timestampMs]).to.deep.equal([1, 2, 3]);
    recognizer.dispose();
  });

  it('takes the time of the call where none is given', async () => {
    const recognizer = await create();
    const before = performance.now();
    const { timestampMs, timings } = await recognizer.recognize(portrait);
    expect(timestampMs).to.be.within(before, performance.now());
    expect(timings.totalMs).to.be.closeTo(timings.detectMs + timings.networkMs, 1);
    recognizer.dispose();
  });

  it('refuses a frame of size 0 and goes on with the next', async () => {
    const recognizer = await create();
    expect((await rejectionOf(recognizer.recognize(new Image()))).code).to.equal('frame-empty');
    expect((await recognizer.recognize(portrait)).faces).to.have.lengthOf(1);
    recognizer.dispose();
  });

  it('refuses frames after it is disposed of', async () => {
    const recognizer = await create();
    recognizer.dispose();
    recognizer.dispose();
    const error = await rejectionOf(recognizer.recognize(portrait));
    expect(error.code).to.equal('recognizer-disposed');
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
