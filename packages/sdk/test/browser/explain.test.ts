import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { assetUrls } from '../../src/assets.js';
import { startBackend } from '../../src/backend.js';
import type { Explanation } from '../../src/explanation.js';
import { createCropCanvas, drawFaceCrop } from '../../src/face-crop.js';
import { inverse } from '../../src/heat-map.js';
import { EmotionModel } from '../../src/model.js';
import { EMOTIONS } from '../../src/network/emotions.js';
import { resizeHeatMaps } from '../../src/network/index.js';
import type { FaceReading } from '../../src/reading.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import { rejectionOf } from '../support/failure.js';
import { narrowModel } from '../support/narrow-model.js';
import { hostModel } from './support/hosted-model.js';
import { astronaut, drawn, placed } from './support/pictures.js';

let address: string;
let portrait: ImageBitmap;

before(async () => {
  address = await hostModel(await narrowModel());
  portrait = await astronaut();
});

function pixelsOfPortrait(): ImageData {
  const { width, height } = portrait;
  const canvas = drawn(width, height, (context) => {
    context.drawImage(portrait, 0, 0);
  });
  return canvas.getContext('2d')!.getImageData(0, 0, width, height);
}

for (const thread of ['main', 'worker'] as const) {
  describe(`explain, thread: ${thread}`, () => {
    const create = (options: RecognizerOptions = {}): Promise<EmotionRecognizer> =>
      EmotionRecognizer.create({ backend: 'wasm', thread, model: address, ...options });
    const faceOf = async (recognizer: EmotionRecognizer): Promise<FaceReading> =>
      (await recognizer.recognize(portrait, 40)).faces[0]!;

    it('gives Grad-CAM of the crop that the network saw', async () => {
      const recognizer = await create();
      // A picture of which a worker gets the very pixels.
      const frame = pixelsOfPortrait();
      const face = (await recognizer.recognize(frame, 40)).faces[0]!;
      await startBackend({ backend: 'wasm', tfjsWasm: assetUrls().tfjsWasm });
      const model = await EmotionModel.load(address);
      for (const [k, emotion] of EMOTIONS.entries()) {
        const explanation = await recognizer.explain(face.id, emotion);
        expect(explanation).to.include({ faceId: face.id, emotion, timestampMs: 40 });
        expect([explanation.width, explanation.height]).to.deep.equal([2, 2]); // 64 pixels / 32
        // The same by another way: crop, network and map by hand.
        const crop = createCropCanvas(64, { isReadByCpu: true });
        drawFaceCrop(frame, inverse(explanation.toFrame), crop);
        const pixels = tf.browser.fromPixels(crop.canvas as unknown as HTMLCanvasElement);
        const expected = model.explain(pixels, k);
        (await expected.data()).forEach((value, i) => {
          expect(explanation.values[i]).to.be.closeTo(value, 1e-3);
        });
        tf.dispose([pixels, expected]);
      }
      model.dispose();
      recognizer.dispose();
    });

    it('explains what is shown where no expression is named', async () => {
      const recognizer = await create();
      const { id, emotion } = await faceOf(recognizer);
      expect((await recognizer.explain(id)).emotion).to.equal(emotion);
      recognizer.dispose();
    });

    it('says where in the frame the face is, each of two', async () => {
      const recognizer = await create({ maxFaces: 2, mode: 'image' });
      const two = drawn(800, 500, (context) => {
        context.drawImage(portrait, 100, 0, 270, 260, 0, 0, 432, 416);
        context.drawImage(portrait, 100, 0, 270, 260, 476, 100, 324, 312);
      });
      const { faces } = await recognizer.recognize(two);
      expect(faces).to.have.lengthOf(2);
      for (const { id, keyPoints } of faces) {
        const { toFrame, canvas } = await recognizer.explain(id);
        const { a, b, c, d, e, f } = toFrame;
        const [x, y] = [canvas.width / 2, canvas.height / 2];
        const nose = keyPoints[2];
        expect(a * x + c * y + e).to.be.closeTo(nose.x, 30);
        expect(b * x + d * y + f).to.be.closeTo(nose.y, 30);
      }
      recognizer.dispose();
    });

    it('takes the frame that was recognised last', async () => {
      const recognizer = await create({ mode: 'image' });
      await faceOf(recognizer);
      const smaller = placed(portrait, { width: 512, height: 512 }, { x: 100, y: 100, scale: 0.7 });
      const { faces } = await recognizer.recognize(smaller, 80);
      const { timestampMs, toFrame } = await recognizer.explain(faces[0]!.id);
      expect(timestampMs).to.equal(80);
      expect(toFrame.e).to.be.above(100); // nothing of the face lies left of the picture
      recognizer.dispose();
    });

    it('refuses faces and expressions that there are not', async () => {
      const recognizer = await create();
      const early = await rejectionOf(recognizer.explain(1));
      expect(early.code).to.equal('face-unknown');
      expect(early.message).to.contain('no frame was recognised yet');
      const { id } = await faceOf(recognizer);
      const gone = await rejectionOf(recognizer.explain(id + 1));
      expect(gone.code).to.equal('face-unknown');
      expect(gone.message).to.contain(`there: ${id}`);
      const joy = await rejectionOf(recognizer.explain(id, 'joy' as 'fear'));
      expect(joy.code).to.equal('option-invalid');
      recognizer.dispose();
      expect((await rejectionOf(recognizer.explain(id))).code).to.equal('recognizer-disposed');
    });

    it('refuses a face that left in a frame that is on its way', async () => {
      const recognizer = await create();
      const { id } = await faceOf(recognizer);
      const empty = recognizer.recognize(drawn(512, 512), 5000);
      expect((await rejectionOf(recognizer.explain(id))).code).to.equal('face-unknown');
      await empty;
      recognizer.dispose();
    });
  });
}

describe('the canvas of an explanation', () => {
  it('is the map, bilinear, from transparent to red', async () => {
    const recognizer = await EmotionRecognizer.create({ backend: 'wasm', model: address });
    const { faces } = await recognizer.recognize(portrait);
    let seen: Explanation | undefined;
    for (const emotion of EMOTIONS) {
      const explanation = await recognizer.explain(faces[0]!.id, emotion);
      if (explanation.values.some((value) => value > 0 && value < 1)) seen = explanation;
    }
    recognizer.dispose();
    const { values, canvas } = seen!;
    await startBackend({ backend: 'cpu', tfjsWasm: assetUrls().tfjsWasm });
    const large = tf.tidy(() => resizeHeatMaps(tf.tensor3d(values, [1, 2, 2]), 64));
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, 64, 64);
    (await large.data()).forEach((warmth, i) => {
      expect(data[4 * i + 3]).to.be.closeTo(255 * 0.65 * warmth, 1.01);
      // Browsers keep colours multiplied with their opacity: faint ones are not exact.
      if (warmth > 0.5) expect(data[4 * i + 1]).to.be.closeTo(220 * (1 - warmth), 4);
    });
    large.dispose();
  });
});
