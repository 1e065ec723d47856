import { expect } from 'chai';
import { assetUrls, type AssetLocations } from '../../src/assets.js';
import { rollDegrees } from '../../src/face-crop.js';
import { FaceDetector } from '../../src/face-detector.js';
import { failureOf, rejectionOf } from '../support/failure.js';
import { astronaut, drawn, placed } from './support/pictures.js';

/** Within so many pixels along both axes. */
function expectNear(
  point: { x: number; y: number },
  x: number,
  y: number,
  tolerance: number,
): void {
  expect(point.x).to.be.closeTo(x, tolerance);
  expect(point.y).to.be.closeTo(y, tolerance);
}

const create = (assets?: Partial<AssetLocations>): Promise<FaceDetector> =>
  FaceDetector.create({ urls: assetUrls(assets) });

describe('FaceDetector', () => {
  let detector: FaceDetector;
  let portrait: ImageBitmap;

  before(async () => {
    detector = await create();
    portrait = await astronaut();
  });

  after(() => {
    detector.dispose();
  });

  it('finds the face in the portrait, with its key points', () => {
    const faces = detector.detect(portrait);
    expect(faces).to.have.lengthOf(1);
    const { box, keyPoints, score } = faces[0]!;
    expect(score).to.be.within(0.8, 1);
    expectNear({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, 224, 130, 12);
    expect(box.width).to.be.within(75, 120);
    // Measured in the picture: pupils, tip of the nose, middle of the mouth.
    expectNear(keyPoints[0], 201, 105, 6);
    expectNear(keyPoints[1], 245, 107, 6);
    expectNear(keyPoints[2], 220, 127, 6);
    expectNear(keyPoints[3], 220, 148, 6);
  });

  it('gives pixels of the frame, whatever its shape', () => {
    const frame = placed(portrait, { width: 700, height: 330 }, { x: 180, y: 10, scale: 1.1 });
    const [face] = detector.detect(frame);
    expectNear(face!.keyPoints[0], 180 + 201 * 1.1, 10 + 105 * 1.1, 7);
    expectNear(face!.keyPoints[1], 180 + 245 * 1.1, 10 + 107 * 1.1, 7);
  });

  it('sees which way a face is tilted', () => {
    const roll = (tilt: number): number => {
      const place = { x: tilt > 0 ? 130 : 0, y: tilt > 0 ? 0 : 130, scale: 1, tilt };
      const face = detector.detect(placed(portrait, { width: 640, height: 640 }, place))[0];
      return rollDegrees(face!.keyPoints[0], face!.keyPoints[1]);
    };
    expect(roll(15)).to.be.within(10, 24); // 2.6° in the portrait itself
    expect(roll(-15)).to.be.within(-20, -6);
  });

  it('sorts faces by size, largest first', () => {
    const both = drawn(800, 800, (context) => {
      context.drawImage(portrait, 100, 0, 270, 260, 0, 0, 405, 390); // 1.5 times
      context.filter = 'contrast(0.3)'; // the detector is less sure of the larger one
      context.drawImage(portrait, 100, 0, 270, 260, 260, 280, 540, 520); // twice
    });
    const faces = detector.detect(both);
    expect(faces).to.have.lengthOf(2);
    expect(faces[0]!.box.width / faces[1]!.box.width).to.be.within(1.15, 1.55);
    expect(faces[0]!.score).to.be.below(faces[1]!.score);
  });

  it('finds nothing where there is no face', () => {
    const empty = drawn(320, 240, (context) => {
      context.fillStyle = 'seagreen';
      context.fillRect(0, 0, 320, 240);
    });
    expect(detector.detect(empty)).to.deep.equal([]);
  });

  it('leaves out faces it is less sure of than it is told to be', async () => {
    const strict = await FaceDetector.create({ urls: assetUrls(), minDetectionConfidence: 0.99 });
    expect(strict.detect(portrait)).to.deep.equal([]);
    strict.dispose();
  });

  it('refuses a frame without pixels', () => {
    expect(failureOf(() => detector.detect(new Image())).code).to.equal('frame-empty');
  });

  it('says which file is not there', async () => {
    const error = await rejectionOf(create({ faceDetector: '/nowhere/face.tflite' }));
    expect(error.code).to.equal('asset-unreachable');
    expect(error.message).to.contain('/nowhere/face.tflite').and.to.contain('404');
  });

  it('says where it looked for MediaPipe', async () => {
    const error = await rejectionOf(create({ mediapipe: '/nowhere/mediapipe' }));
    expect(error.code).to.equal('asset-unreachable');
    expect(error.message).to.contain('/nowhere/mediapipe/vision_wasm_module_internal.wasm');
  });

  it('refuses a file that is another than the one of this version', async () => {
    const error = await rejectionOf(create({ faceDetector: '/package.json' }));
    expect(error.code).to.equal('asset-hash');
    expect(error.message).to.contain('/package.json');
  });

  it('says that it needs WebGL, in a browser without', async () => {
    const property = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, 'getContext')!;
    HTMLCanvasElement.prototype.getContext = () => null; // as Firefox does where it trusts no driver
    try {
      const error = await rejectionOf(create());
      expect(error.code).to.equal('backend-unavailable');
      expect(error.message).to.contain('WebGL');
    } finally {
      Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', property);
    }
  });

  it('gives up when it is told to', async () => {
    const reason = new Error('left the page');
    const signal = AbortSignal.abort(reason);
    const result = await FaceDetector.create({ urls: assetUrls(), signal }).catch(
      (e: unknown) => e,
    );
    expect(result).to.equal(reason);
  });
});
