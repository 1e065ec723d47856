import { expect } from 'chai';
import type { BackendName } from '../../src/backend.js';
import { EMOTIONS } from '../../src/network/emotions.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import type { ThreadName } from '../../src/thread.js';
import { failureOf, rejectionOf } from '../support/failure.js';
import { narrowModel } from '../support/narrow-model.js';
import { drawnVideo } from './support/drawn-video.js';
import { hostModel } from './support/hosted-model.js';
import { astronaut, drawn, placed } from './support/pictures.js';

/** The temperature of the narrow model. */
const TEMPERATURE = 1.5;

const BACKENDS: Readonly<Record<ThreadName, readonly BackendName[]>> = {
  main: ['cpu', 'wasm', 'webgpu'],
  worker: ['wasm', 'webgpu'],
};

for (const thread of ['main', 'worker'] as const) {
  describe(`EmotionRecognizer, thread: ${thread}`, () => {
    let model: string;
    let portrait: ImageBitmap;

    before(async () => {
      model = await hostModel(await narrowModel());
      portrait = await astronaut();
    });

    const create = (options: RecognizerOptions = {}): Promise<EmotionRecognizer> =>
      EmotionRecognizer.create({ backend: 'wasm', thread, model, ...options });

    for (const name of BACKENDS[thread]) {
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
          expect(recognizer.thread.name).to.equal(thread);
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
            const sum = [...logits].reduce(
              (a, z) => a + Math.exp((z - logits[i]!) / TEMPERATURE),
              0,
            );
            expect(scores[label]).to.be.closeTo(1 / sum, 1e-6);
          });
          expect(scores[emotion]).to.equal(Math.max(...Object.values(scores)));
        });

        it('keeps no tensors', async () => {
          const { faces: first } = await recognizer.recognize(portrait);
          await recognizer.explain(first[0]!.id); // on WebGPU the layers are made now
          await recognizer.recognize(portrait);
          const { numTensors } = recognizer;
          for (let i = 0; i < 5; i++) {
            const { faces } = await recognizer.recognize(portrait);
            await recognizer.explain(faces[0]!.id);
          }
          await recognizer.recognize(portrait);
          expect(recognizer.numTensors).to.equal(numTensors);
        });
      });
    }

    it('takes every kind of frame', async () => {
      const canvas = drawn(512, 512, (context) => {
        context.drawImage(portrait, 0, 0);
      });
      const element = Object.assign(document.createElement('canvas'), { width: 512, height: 512 });
      element.getContext('2d')!.drawImage(portrait, 0, 0);
      const image = new Image();
      image.src = element.toDataURL();
      await image.decode();
      const playing = await drawnVideo({
        width: 512,
        height: 512,
        draw: (context) => {
          context.drawImage(portrait, 0, 0);
        },
      });
      const frames = {
        bitmap: portrait,
        canvas,
        element,
        image,
        pixels: canvas.getContext('2d')!.getImageData(0, 0, 512, 512),
        frame: new VideoFrame(canvas, { timestamp: 0 }),
        video: playing.video,
      };
      const recognizer = await create({ mode: 'image' });
      for (const [kind, frame] of Object.entries(frames)) {
        const { faces } = await recognizer.recognize(frame);
        expect(faces, kind).to.have.lengthOf(1);
        const { x, width } = faces[0]!.box;
        expect(x + width / 2, kind).to.be.closeTo(224, 12);
      }
      expect(frames.frame.displayWidth).to.equal(512); // still the caller's, and open
      frames.frame.close();
      recognizer.dispose();
      playing.dispose();
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
        const { numTensors } = recognizer;
        for (let i = 0; i < 3; i++) await recognizer.recognize(pair());
        expect(recognizer.numTensors).to.equal(numTensors);
        recognizer.dispose();
      });
    });

    it('steadies the box from frame to frame, but not in image mode', async () => {
      const boxes: Record<string, number> = {};
      for (const mode of ['video', 'image'] as const) {
        const recognizer = await create({ mode, detectionIntervalMs: 0 });
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

    it('moves faces on between the frames that it looks for them in', async () => {
      const recognizer = await create({ detectionIntervalMs: 100 });
      const frameOf = (x: number): OffscreenCanvas =>
        placed(portrait, { width: 640, height: 512 }, { x, y: 0, scale: 1 });
      const boxes: number[] = [];
      const ids = new Set<number>();
      for (const [x, timestampMs] of [
        [0, 0],
        [20, 100],
        [40, 200],
        [50, 250], // not looked for
        [50, 260], // nor here
      ] as const) {
        const face = (await recognizer.recognize(frameOf(x), timestampMs)).faces[0]!;
        boxes.push(face.box.x);
        ids.add(face.id);
      }
      expect(boxes[3]).to.be.above(boxes[2]! + 1);
      expect(boxes[4]).to.be.above(boxes[3]!); // though the picture stood still
      expect(ids.size).to.equal(1);
      const nobody = drawn(640, 512);
      expect((await recognizer.recognize(nobody, 270)).faces).to.have.lengthOf(1); // not noticed yet
      expect((await recognizer.recognize(nobody, 300)).faces).to.deep.equal([]);
      expect((await recognizer.recognize(frameOf(50), 310)).faces).to.have.lengthOf(1); // at once
      recognizer.dispose();
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
      expect(timings).to.include({ cropMs: 0, networkMs: 0, readbackMs: 0 });
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
      const { detectMs, cropMs, networkMs, readbackMs, totalMs } = timings;
      expect(totalMs).to.be.at.least(detectMs + cropMs + networkMs + readbackMs - 1e-6);
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

    it('says which file is not there', async () => {
      const failure = rejectionOf(create({ model: '/nowhere/model/' }));
      expect((await failure).code).to.equal('manifest-missing');
    });

    it('gives up loading when it is told to', async () => {
      const controller = new AbortController();
      const reason = new Error('left the page');
      const onProgress = (): void => {
        controller.abort(reason);
      };
      const result = await create({ onProgress, signal: controller.signal }).catch(
        (error: unknown) => error,
      );
      expect(result).to.equal(reason);
    });
  });
}
