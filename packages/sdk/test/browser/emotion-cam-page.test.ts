import { expect } from 'chai';
import { EmotionCam } from '../../src/define.js';
import type {
  BackendChangeEvent,
  CameraErrorEvent,
  EmotionChangeEvent,
  FaceFoundEvent,
} from '../../src/events.js';
import { cameraThatFails, restoreProperties } from './support/camera-stubs.js';
import { rejection } from './support/rejection.js';
import {
  addCam,
  BOX,
  inside,
  next,
  readingOf,
  ScriptedCam,
  videoOf,
} from './support/scripted-cam.js';
import { run } from './support/stage.js';

const CLIP = new URL('../../../../e2e/fixtures/clip.webm', import.meta.url).href;

describe('<emotion-cam> and the page around it', () => {
  afterEach(() => {
    document.body.replaceChildren();
    restoreProperties();
  });

  it('takes over what was set before it was defined', async () => {
    document.body.innerHTML = '<late-cam max-faces="2" src="other.webm" lang="de"></late-cam>';
    const [element] = document.body.children;
    Object.assign(element!, { src: CLIP, overlay: 'none', labels: { fear: 'Fright' } });
    customElements.define('late-cam', class extends ScriptedCam {});
    const cam = element as ScriptedCam;
    await cam.updateComplete;
    expect(cam).to.include({ src: CLIP, maxFaces: 2, overlay: 'none', lang: 'de' });
    expect(cam.labels).to.deep.equal({ fear: 'Fright' });
    expect(cam.getAttribute('src')).to.equal(CLIP);
    expect(Object.keys(cam)).not.to.include('src'); // or the accessor would be hidden
  });

  it('shows its state to style sheets, as an attribute and as a custom state', async () => {
    const cam = addCam({ src: CLIP });
    await cam.updateComplete;
    expect(cam.matches('[state=idle]:state(idle)')).to.equal(true);
    await run(cam);
    expect(cam.matches('[state=running]:state(running):state(face)')).to.equal(true);
    cam.pause();
    await cam.updateComplete;
    expect(cam.matches('[state=paused]:state(paused):not(:state(running))')).to.equal(true);
    cam.resume();
    expect(cam.paused).to.equal(false);
    cam.stop();
    await cam.updateComplete;
    expect(cam.matches('[state=idle]:not(:state(face))')).to.equal(true);
  });

  it('goes on when the page comes back from the back/forward cache, unless it was paused before', async () => {
    const cam = addCam({ src: CLIP });
    await run(cam);
    const comesBack = (): void => {
      videoOf(cam).pause(); // as browsers do with a page that they put there
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    };
    comesBack();
    await next(cam, 'emotion');
    cam.pause();
    await cam.updateComplete;
    comesBack();
    expect(videoOf(cam).paused).to.equal(true);
    cam.stop();
    comesBack();
    expect(cam.state).to.equal('idle');
  });

  it('shows what overlay names, and warns of what it does not know', async () => {
    const cam = addCam({ src: CLIP });
    await run(cam);
    const shown = async (overlay: string) => {
      cam.overlay = overlay;
      await next(cam, 'emotion');
      const parts = ['tag', 'point', 'panel'].filter((part) =>
        cam.renderRoot.querySelector(`[part=${part}]`),
      );
      if (cam.renderRoot.querySelector('.box:not(.bare)')) parts.unshift('box');
      return parts.join(' ');
    };
    expect(await shown('box label bars')).to.equal('box tag panel');
    expect(await shown('mesh-points')).to.equal('point');
    expect(await shown('none')).to.equal('');
    const warnings: unknown[] = [];
    const { warn } = console;
    console.warn = (text: unknown) => warnings.push(text);
    try {
      expect(await shown('label  halo')).to.equal('tag');
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/"halo" is none of box, mesh-points, heatmap, label, bars/);
    } finally {
      console.warn = warn;
    }
  });

  it('puts key points where they are in the picture, mirrored with it', async () => {
    const cam = addCam({ src: CLIP, overlay: 'mesh-points', mirrored: true });
    await run(cam);
    const point = inside(cam, '[part=point]').style;
    expect(point.getPropertyValue('--left')).to.equal('0.8000'); // the eye is at 20 of 100
    expect(point.getPropertyValue('--top')).to.equal('0.4500');
  });

  it('says who came and went and whose expression changed, in order, bubbling', async () => {
    const cam = addCam({ src: CLIP });
    const other = { ...readingOf('anger'), id: 2 };
    cam.script.steps = ['fear', [readingOf('fear'), other], [other], 'nobody'];
    const seen: string[] = [];
    document.body.addEventListener('face-found', (event: FaceFoundEvent) =>
      seen.push(`+${event.face.id}`),
    );
    document.body.addEventListener('face-lost', ({ faceId }) => seen.push(`-${faceId}`));
    const handleChange = (event: EmotionChangeEvent) =>
      seen.push(`${event.face.id}:${event.previous ?? ''}>${event.emotion}`);
    document.body.addEventListener('emotion-change', handleChange);
    await cam.start();
    while (cam.script.frames < 6) await next(inside(cam, 'video'), 'timeupdate');
    expect(seen).to.deep.equal(['+1', '1:>fear', '+2', '2:>anger', '-1', '-2']);
  });

  it('tells nothing more once a handler has stopped it', async () => {
    const cam = addCam({ src: CLIP });
    const seen: string[] = [];
    for (const type of ['face-found', 'emotion-change', 'emotion'] as const) {
      cam.addEventListener(type, () => {
        seen.push(type);
        cam.stop();
      });
    }
    const found = next(cam, 'face-found');
    await cam.start();
    await found;
    await cam.updateComplete;
    expect(seen).to.deep.equal(['face-found']);
  });

  it('says when the back end is another, and not at the first', async () => {
    const cam = addCam({ src: CLIP });
    const changes: BackendChangeEvent[] = [];
    cam.addEventListener('backend-change', (event) => changes.push(event));
    await run(cam);
    expect(changes).to.have.length(0);
    cam.script.backend = { name: 'wasm', reason: 'The graphics card was reset.' };
    await next(cam, 'backend-change');
    const [{ backend, previous }] = changes as [BackendChangeEvent];
    expect([previous.name, backend.name]).to.deep.equal(['cpu', 'wasm']);
    expect(backend.reason).to.equal('The graphics card was reset.');
  });

  it('passes the progress of the download on', async () => {
    const cam = addCam({ src: CLIP });
    cam.script.loading = () => {
      cam.script.created[0]?.onProgress?.(1, 4);
      return Promise.resolve();
    };
    const event = next<ProgressEvent>(document, 'progress');
    await cam.start();
    expect(await event).to.include({ lengthComputable: true, loaded: 1, total: 4 });
  });

  it('tells the page of a camera that fails with an event that bubbles', async () => {
    cameraThatFails('NotFoundError');
    const event = next<CameraErrorEvent>(document.body, 'camera-error');
    const error = await rejection(addCam().start());
    expect((await event).error).to.equal(error);
  });

  it('refuses a rate of frames that is none', async () => {
    const cam = addCam({ src: CLIP, maxFps: -1 });
    expect(await rejection(cam.start())).to.include({ code: 'option-invalid' });
  });

  it('hands smoothing and threshold to the recognizer', async () => {
    const cam = addCam({ src: CLIP, smoothing: 0, threshold: 0.7 });
    await cam.start();
    expect(cam.script.created[0]).to.include({ smoothingMs: 0, minConfidence: 0.7 });
  });

  it('takes a picture with the box in it, mirrored as on screen', async () => {
    const cam = addCam({ src: CLIP, mirrored: true });
    expect(await rejection(cam.snapshot())).to.include({ code: 'frame-empty' });
    await run(cam);
    cam.pause();
    await cam.updateComplete;
    const bitmaps = await Promise.all(
      [true, false].map(async (overlay) => createImageBitmap(await cam.snapshot({ overlay }))),
    );
    const [withBox, without] = bitmaps.map(toPixels) as [ImageData, ImageData];
    const { videoWidth, videoHeight } = inside(cam, 'video') as HTMLVideoElement;
    expect([withBox.width, withBox.height]).to.deep.equal([videoWidth, videoHeight]);
    const x = Math.round((1 - BOX.x / 100) * videoWidth); // its left edge, mirrored
    const y = Math.round(((BOX.y + BOX.height / 2) / 100) * videoHeight);
    expect(brightness(withBox, x, y)).to.equal(255);
    expect(brightness(without, x, y)).to.be.lessThan(250);
  });

  it('says in which state it cannot calibrate and record', async () => {
    const cam = addCam({ src: CLIP });
    const error = await rejection(cam.calibrate(2));
    expect(error).to.include({ code: 'not-running' });
    expect((error as Error).message).to.contain('"idle"');
    expect(() => cam.record()).to.throw(/"idle"/);
  });

  it('is registered by define.js, once', () => {
    expect(customElements.get('emotion-cam')).to.equal(EmotionCam);
    expect(document.createElement('emotion-cam')).to.be.instanceOf(EmotionCam);
  });
});

function toPixels(bitmap: ImageBitmap): ImageData {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

function brightness({ data, width }: ImageData, x: number, y: number): number {
  return Math.min(...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3));
}
