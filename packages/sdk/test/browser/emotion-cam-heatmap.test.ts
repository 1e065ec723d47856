import { expect } from 'chai';
import { EmotionCam } from '../../src/define.js';
import type { EmotionEvent } from '../../src/events.js';
import { narrowModel } from '../support/narrow-model.js';
import { drawnPortrait, type DrawnPortrait } from './support/drawn-portrait.js';
import { hostModel } from './support/hosted-model.js';
import { rejection } from './support/rejection.js';
import { inside, next, videoOf } from './support/scripted-cam.js';
import { until } from './support/stage.js';

describe('<emotion-cam> explains', () => {
  let model: string;
  let drawn: DrawnPortrait;

  before(async () => {
    model = await hostModel(await narrowModel());
  });
  beforeEach(async () => {
    drawn = await drawnPortrait();
  });
  afterEach(() => {
    document.body.replaceChildren();
    drawn.dispose();
  });

  function addCam(properties: Partial<EmotionCam> = {}): EmotionCam {
    const cam = new EmotionCam();
    Object.assign(
      cam,
      { stream: drawn.stream, backend: 'wasm', thread: 'main', model },
      properties,
    );
    document.body.append(cam);
    return cam;
  }

  it('lays a heat map over the face, and takes it away with the face', async () => {
    const cam = addCam({ autostart: true, overlay: 'heatmap', mirrored: true });
    await next(cam, 'emotion');
    await until(cam, () => coverOf(cam) > 0);
    const canvas = heatMapOf(cam);
    expect(canvas).to.include({ width: 640, height: 480 });
    expect(middleOf(canvas)).to.be.closeTo(290, 100); // mirrored with the picture, by the style sheet
    expect(getComputedStyle(canvas).scale).to.equal('-1 1');
    drawn.isFaceThere = false;
    await until(cam, () => coverOf(cam) === 0);
    cam.overlay = 'box';
    await next(videoOf(cam), 'timeupdate');
    expect(cam.renderRoot.querySelector('.heatmap')).to.equal(null);
  });

  it('lays it over a picture that is paused, and into a snapshot', async () => {
    const cam = addCam({ autostart: true, overlay: 'none' });
    await next(cam, 'emotion');
    cam.pause();
    await cam.updateComplete;
    const plain = await pixelsOf(await cam.snapshot());
    cam.overlay = 'heatmap';
    await until(cam, () => cam.renderRoot.querySelector('.heatmap') !== null && coverOf(cam) > 0);
    expect(await pixelsOf(await cam.snapshot())).not.to.deep.equal(plain);
    expect(await pixelsOf(await cam.snapshot({ overlay: false }))).to.deep.equal(plain);
  });

  it('explains a face of the last result, and says when there is none', async () => {
    const cam = addCam();
    expect(await rejection(cam.explain(1))).to.include({ code: 'not-running' });
    await cam.start();
    const { face } = await next<EmotionEvent>(cam, 'emotion');
    const explanation = await cam.explain(face.id, 'fear');
    expect(explanation).to.include({ faceId: face.id, emotion: 'fear' });
    expect(await rejection(cam.explain(99))).to.include({ code: 'face-unknown' });
  });
});

function heatMapOf(cam: EmotionCam): HTMLCanvasElement {
  return inside(cam, '.heatmap') as HTMLCanvasElement;
}

function readPixels(
  { width, height }: { width: number; height: number },
  from: CanvasImageSource,
): ImageData {
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(from, 0, 0);
  return context.getImageData(0, 0, width, height);
}

async function pixelsOf(picture: Blob): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(picture);
  return readPixels(bitmap, bitmap).data;
}

/** How much of the picture the heat map hides, in pixels times opacity. */
function coverOf(cam: EmotionCam): number {
  const canvas = heatMapOf(cam);
  return readPixels(canvas, canvas).data.reduce(
    (sum, value, i) => sum + (i % 4 === 3 ? value : 0),
    0,
  );
}

/** The mean x of what is in a heat map. */
function middleOf(canvas: HTMLCanvasElement): number {
  const { data, width } = readPixels(canvas, canvas);
  let [sum, weights] = [0, 0];
  for (let i = 3; i < data.length; i += 4) {
    sum += ((i >> 2) % width) * data[i]!;
    weights += data[i]!;
  }
  return sum / weights;
}
