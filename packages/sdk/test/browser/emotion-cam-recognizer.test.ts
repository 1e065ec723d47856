import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { EmotionCam } from '../../src/define.js';
import type { EmotionCamErrorEvent, EmotionEvent } from '../../src/events.js';
import { narrowModel, type TestModel } from '../support/narrow-model.js';
import { drawnPortrait, type DrawnPortrait } from './support/drawn-portrait.js';
import { drawnVideo } from './support/drawn-video.js';
import { hostModel } from './support/hosted-model.js';
import { astronaut } from './support/pictures.js';
import { rejection } from './support/rejection.js';
import { inside, next, videoOf } from './support/scripted-cam.js';
import { serveModel, type ServedModel } from './support/served-model.js';

describe('<emotion-cam> with the real recognizer', () => {
  let model: TestModel;
  let served: ServedModel;
  let drawn: DrawnPortrait;

  before(async () => {
    model = await narrowModel();
  });
  beforeEach(async () => {
    served = serveModel(model);
    drawn = await drawnPortrait();
  });
  afterEach(() => {
    document.body.replaceChildren();
    drawn.dispose();
    served.dispose();
  });

  function addCam(properties: Partial<EmotionCam> = {}): EmotionCam {
    const cam = new EmotionCam();
    // Not in a worker, whose requests and tensors these tests could not see.
    const defaults = { stream: drawn.stream, backend: 'wasm', thread: 'main', model: served.url };
    Object.assign(cam, defaults, properties);
    document.body.append(cam);
    return cam;
  }

  it('finds the face in the frame and its seven scores', async () => {
    const cam = addCam({ autostart: true });
    const { face, result, scores } = await next<EmotionEvent>(cam, 'emotion');
    expect(result.frame).to.deep.equal({ width: 640, height: 480 });
    expect(face.box.x + face.box.width / 2).to.be.closeTo(290, 25);
    expect(Object.values(scores).reduce((a, b) => a + b)).to.be.closeTo(1, 1e-6);
    expect(cam.stats).to.include({ backend: 'wasm' });
    expect(cam.stats?.frameMs).to.equal(result.timings.totalMs);
  });

  it('draws the box where the face is on screen', async () => {
    const cam = addCam({ autostart: true });
    await next(cam, 'emotion');
    const picture = videoOf(cam).getBoundingClientRect();
    const box = inside(cam, '.box').getBoundingClientRect();
    const middle = (box.left + box.width / 2 - picture.left) / picture.width;
    expect(middle).to.be.closeTo(290 / 640, 0.04);
    cam.mirrored = true;
    await next(cam, 'emotion');
    const mirrored = inside(cam, '.box').getBoundingClientRect();
    expect((mirrored.left + mirrored.width / 2 - picture.left) / picture.width).to.be.closeTo(
      1 - 290 / 640,
      0.04,
    );
  });

  it('loses the face when it goes and finds it when it returns', async () => {
    const cam = addCam({ autostart: true });
    await next(cam, 'emotion');
    drawn.isFaceThere = false;
    await next(cam, 'face-lost');
    expect(cam.faces).to.deep.equal([]);
    drawn.isFaceThere = true;
    await next(cam, 'emotion');
    expect(cam.faces).to.have.length(1);
  });

  it('holds as many tensors after 15 frames as after 5', async () => {
    const cam = addCam({ autostart: true });
    const counts: (number | undefined)[] = [];
    while (counts.length < 15) {
      await next(cam, 'emotion');
      counts.push(cam.stats?.numTensors);
    }
    expect(counts[4]).to.be.greaterThan(0);
    expect(counts[14]).to.equal(counts[4]);
  });

  it('frees its tensors when it leaves the page', async () => {
    const before = tf.memory().numTensors;
    const cam = addCam({ autostart: true });
    await next(cam, 'emotion');
    expect(tf.memory().numTensors).to.be.greaterThan(before);
    cam.remove();
    await drawn.drawFrames(20); // a frame in work is finished first
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('works beside another of its kind', async () => {
    const cams = [addCam({ autostart: true }), addCam({ autostart: true })];
    cams.forEach(({ style }, i) => {
      style.cssText = `position: fixed; top: 0; left: ${i * 220}px; width: 200px`; // both in view
    });
    await Promise.all(cams.map((cam) => next(cam, 'emotion')));
    cams[0]!.remove();
    await next(cams[1]!, 'emotion');
    expect(cams[1]!.state).to.equal('running');
  });

  it('follows a video that changes its size: the face in it is another one', async () => {
    const portrait = await astronaut();
    let size = { width: 640, height: 480 };
    const changing = await drawnVideo({
      ...size,
      draw: (context, frame) => {
        const { canvas } = context;
        if (canvas.width !== size.width) Object.assign(canvas, size);
        context.fillStyle = frame % 2 ? '#777777' : '#787878'; // every frame differs: none is skipped
        context.fillRect(0, 0, size.width, size.height);
        const side = (1024 * size.width) / 640;
        context.drawImage(portrait, -side / 6.4, -side / 25.6, side, side);
      },
    });
    changing.video.remove(); // or the element is below the fold, where it rests
    const cam = addCam({ autostart: true, stream: changing.stream });
    const { face: before } = await next<EmotionEvent>(cam, 'emotion');
    size = { width: 480, height: 360 };
    let event: EmotionEvent;
    do event = await next<EmotionEvent>(cam, 'emotion');
    while (event.result.frame.width !== size.width);
    const { face, result } = event;
    expect(result.frame).to.deep.equal(size);
    expect(face.box.x + face.box.width / 2).to.be.closeTo((290 * 480) / 640, 20);
    expect(face.id).to.be.above(before.id);
    expect(cam.state).to.equal('running');
    changing.dispose();
  });

  it('works in a worker', async () => {
    const cam = addCam({ autostart: true, thread: 'auto', model: await hostModel(model) });
    await next(cam, 'emotion');
    drawn.isFaceThere = false;
    await next(cam, 'face-lost');
    drawn.isFaceThere = true;
    await next(cam, 'emotion');
    expect(cam.stats?.numTensors).to.be.greaterThan(0);
  });

  it('goes on after it was stopped and started', async () => {
    const cam = addCam();
    await cam.start();
    await next(cam, 'emotion');
    cam.stop();
    await cam.start();
    await next(cam, 'emotion');
    expect(served.requests.filter((path) => path === 'manifest.json')).to.have.length(1);
  });

  it('says on screen that the model is missing, and loads it at the next try', async () => {
    const nothing = serveModel(model, { 'manifest.json': null });
    const cam = addCam({ model: nothing.url });
    const event = next<EmotionCamErrorEvent>(cam, 'error');
    await rejection(cam.start());
    const { error } = await event;
    expect(error.code).to.equal('manifest-missing');
    expect(inside(cam, '[part=error-detail]').textContent).to.equal(error.message);
    expect(videoOf(cam).srcObject).to.equal(null);
    nothing.dispose();
    cam.model = served.url;
    await next(cam, 'emotion');
  });
});
