import { expect } from 'chai';
import { texts } from '../../src/element/texts/en.js';
import { EmotionCamError } from '../../src/errors.js';
import {
  SetupChangeEvent,
  type EmotionCamErrorEvent,
  type EmotionEvent,
  type FaceLostEvent,
} from '../../src/events.js';
import { cameraThatFails, replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { drawnVideo } from './support/drawn-video.js';
import { rejection } from './support/rejection.js';
import {
  addCam,
  BOX,
  inside,
  messageOf,
  next,
  readingOf,
  videoOf,
  type ScriptedCam,
} from './support/scripted-cam.js';
import { until } from './support/stage.js';

const CLIP = new URL('../../../../e2e/fixtures/clip.webm', import.meta.url).href;
const NO_VIDEO = new URL('../../../../package.json', import.meta.url).href;

describe('<emotion-cam>', () => {
  /** Every stream that a camera gave since the test began. */
  let streams: MediaStream[];

  beforeEach(() => {
    streams = [];
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    replaceProperty(devices, 'getUserMedia', async (constraints: MediaStreamConstraints) => {
      const stream = await open(constraints);
      streams.push(stream);
      return stream;
    });
  });
  afterEach(() => {
    document.body.replaceChildren();
    restoreProperties();
  });

  const cameraStates = () => streams.flatMap((s) => s.getTracks().map((t) => t.readyState));

  describe('attributes', () => {
    const strings = {
      ...{ src: 'a.webm', backend: 'wasm', fit: 'contain', assets: '/a/', model: '/m/' },
      ...{ thread: 'main', consent: 'required', overlay: 'box', lang: 'de' },
    };
    for (const [name, value] of Object.entries(strings)) {
      it(`${name} is a property and back`, async () => {
        const cam = addCam();
        const before: unknown = Reflect.get(cam, name);
        cam.setAttribute(name, value);
        expect(cam).to.have.property(name, value);
        cam.removeAttribute(name);
        expect(cam).to.have.property(name, before);
        Reflect.set(cam, name, value);
        await cam.updateComplete;
        expect(cam.getAttribute(name)).to.equal(value);
      });
    }

    const named = [
      ['device-id', 'deviceId', 'a1'],
      ['facing-mode', 'facingMode', 'environment'],
      ['max-faces', 'maxFaces', 3],
      ['max-fps', 'maxFps', 10],
      ['smoothing', 'smoothing', 100],
      ['threshold', 'threshold', 0.3],
    ] as const;
    for (const [attribute, name, value] of named) {
      it(`${attribute} is the property ${name} and back`, async () => {
        const cam = addCam();
        const before: unknown = Reflect.get(cam, name);
        cam.setAttribute(attribute, String(value));
        expect(cam).to.have.property(name, value);
        cam.removeAttribute(attribute);
        expect(cam).to.have.property(name, before);
        Reflect.set(cam, name, value);
        await cam.updateComplete;
        expect(cam.getAttribute(attribute)).to.equal(String(value));
      });
    }

    for (const name of ['autostart', 'paused', 'quiet', 'stopWhenHidden'] as const) {
      it(`${name} is a property and back`, async () => {
        const cam = addCam({ stream: new MediaStream() }); // autostart fails at once: no camera here
        const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        cam.setAttribute(attribute, '');
        expect(cam[name]).to.equal(true);
        cam[name] = false;
        await cam.updateComplete;
        expect(cam.hasAttribute(attribute)).to.equal(false);
      });
    }

    it('leaves no attributes that nobody set', async () => {
      const cam = addCam();
      await cam.updateComplete;
      expect(cam.getAttributeNames()).to.deep.equal(['state']);
    });

    it('mirrors the camera and nothing else, unless told', async () => {
      const cam = addCam();
      const isMirrored = async () => {
        await cam.updateComplete;
        return inside(cam, '.frame').classList.contains('mirrored');
      };
      expect(await isMirrored()).to.equal(true);
      cam.setAttribute('mirrored', 'false');
      expect(await isMirrored()).to.equal(false);
      cam.removeAttribute('mirrored');
      cam.src = CLIP;
      expect(await isMirrored()).to.equal(false);
      cam.setAttribute('mirrored', '');
      expect(await isMirrored()).to.equal(true);
    });
  });

  describe('starting', () => {
    it('waits for a click and asks for no camera before', async () => {
      const cam = addCam();
      await cam.updateComplete;
      expect(cam.state).to.equal('idle');
      expect(streams).to.have.length(0);
      inside(cam, '[part=start-button]').click();
      await next(cam, 'ready');
      expect(cam.state).to.equal('running');
      expect(cameraStates()).to.deep.equal(['live']);
    });

    it('starts by itself with autostart', async () => {
      const cam = addCam({ autostart: true });
      await next(cam, 'ready');
      expect(cam.state).to.equal('running');
    });

    it('says with ready on which back end it runs', async () => {
      const cam = addCam();
      const ready = next(cam, 'ready');
      await cam.start();
      expect(await ready).to.deep.include({ backend: { name: 'cpu', reason: 'A test wants it.' } });
    });

    it('starts nothing twice', async () => {
      const cam = addCam({ autostart: true });
      await Promise.all([cam.start(), cam.start()]);
      await cam.start();
      expect(streams).to.have.length(1);
      expect(cam.script.created).to.have.length(1);
    });

    it('says what it waits for', async () => {
      let give: ((stream: MediaStream) => void) | undefined;
      const camera = await navigator.mediaDevices.getUserMedia({ video: true });
      const answer = new Promise<MediaStream>((resolve) => (give = resolve));
      replaceProperty(navigator.mediaDevices, 'getUserMedia', () => answer);
      const cam = addCam();
      let load: ((value: unknown) => void) | undefined;
      cam.script.loading = () => new Promise((resolve) => (load = resolve));
      const started = cam.start();
      await cam.updateComplete;
      expect(cam.state).to.equal('loading');
      expect(messageOf(cam)).to.match(/camera/);
      give?.(camera);
      await next(videoOf(cam), 'loadedmetadata');
      await cam.updateComplete;
      expect(messageOf(cam)).to.match(/model/);
      cam.script.created[0]?.onProgress?.(1, 4);
      await cam.updateComplete;
      expect(inside(cam, '.progress').style.getPropertyValue('--progress')).to.equal('0.25');
      load?.(undefined);
      await started;
      expect(messageOf(cam)).to.equal('');
    });

    it('hands backend, assets, model and maxFaces on', async () => {
      const cam = addCam({ backend: 'wasm', assets: '/a/', model: '/m/', maxFaces: 2 });
      expect(cam.getAttribute('max-faces')).to.equal(null); // until its update
      await cam.start();
      expect(cam.script.created[0]).to.include({
        backend: 'wasm',
        assets: '/a/',
        model: '/m/',
        maxFaces: 2,
      });
      expect(cam.getAttribute('max-faces')).to.equal('2');
    });
  });

  describe('stopping', () => {
    it('switches the camera off and empties the picture', async () => {
      const cam = addCam();
      await cam.start();
      cam.stop();
      expect(cam.state).to.equal('idle');
      expect(cameraStates()).to.deep.equal(['ended']);
      expect(videoOf(cam).srcObject).to.equal(null);
      expect(cam.faces).to.deep.equal([]);
    });

    it('keeps the model for the next start', async () => {
      const cam = addCam();
      await cam.start();
      cam.stop();
      await cam.start();
      expect(cam.script.created).to.have.length(1);
      expect(cam.script.disposed).to.equal(0);
      expect(cameraStates()).to.deep.equal(['ended', 'live']);
    });

    it('drops the result of a frame that was in work', async () => {
      const cam = addCam();
      let finish: ((value: unknown) => void) | undefined;
      cam.script.work = () => new Promise((resolve) => (finish = resolve));
      const seen: string[] = [];
      for (const type of ['emotion', 'error']) cam.addEventListener(type, (e) => seen.push(e.type));
      await cam.start();
      await until(cam, () => finish !== undefined);
      cam.stop();
      finish?.(undefined);
      await cam.updateComplete;
      await nextTask();
      expect(seen).to.deep.equal([]);
      expect(cam.faces).to.deep.equal([]);
    });

    it('closes a camera that opens too late', async () => {
      const cam = addCam();
      const started = cam.start();
      await cam.updateComplete;
      cam.stop();
      expect(await rejection(started)).to.include({ name: 'AbortError' });
      await until(cam, () => streams.length > 0);
      await nextTask();
      expect(cameraStates()).to.deep.equal(['ended']);
      expect(cam.state).to.equal('idle');
    });

    it('breaks off a download', async () => {
      const cam = addCam();
      cam.script.loading = () => new Promise(() => undefined);
      const started = cam.start();
      await until(cam, () => cam.script.created.length > 0);
      cam.stop();
      expect(cam.script.created[0]?.signal?.aborted).to.equal(true);
      expect(await rejection(started)).to.include({ name: 'AbortError' });
    });

    it('releases camera and model when it leaves the page', async () => {
      const cam = addCam();
      await cam.start();
      cam.remove();
      expect(cameraStates()).to.deep.equal(['ended']);
      await nextTask();
      await nextTask();
      expect(cam.script.disposed).to.equal(1);
    });

    it('starts again when it comes back with autostart', async () => {
      const cam = addCam({ autostart: true });
      await next(cam, 'ready');
      cam.remove();
      await nextTask();
      document.body.append(cam);
      await next(cam, 'ready');
      expect(cameraStates()).to.deep.equal(['ended', 'live']);
      expect(cam.script.created).to.have.length(2);
    });

    it('opens no camera out of the page', async () => {
      const cam = addCam({ autostart: true });
      cam.remove(); // before its first update
      await cam.updateComplete;
      await nextTask();
      expect(cam.state).to.equal('idle');
      cam.autostart = false;
      await cam.updateComplete;
      cam.autostart = true;
      await cam.updateComplete;
      await nextTask();
      expect(cam.state).to.equal('idle');
      expect(streams).to.have.length(0);
      document.body.append(cam);
      await next(cam, 'ready');
      expect(cameraStates()).to.deep.equal(['live']);
    });

    it('keeps its model when it is moved', async () => {
      const cam = addCam({ autostart: true });
      await next(cam, 'ready');
      document.body.append(document.createElement('p'), cam);
      await next(cam, 'ready');
      expect(cam.script.created).to.have.length(1);
      expect(cam.script.disposed).to.equal(0);
    });
  });

  describe('sources', () => {
    it('plays a recorded video muted and in a loop', async () => {
      const cam = addCam({ src: CLIP });
      await cam.start();
      const video = videoOf(cam);
      expect(video).to.include({ muted: true, loop: true, paused: false, currentSrc: CLIP });
      expect(streams).to.have.length(0);
    });

    it('shows a stream from code and leaves its tracks alone', async () => {
      const drawn = await drawnVideo();
      const { stream } = drawn;
      const cam = addCam({ stream });
      await cam.start();
      expect(videoOf(cam).srcObject).to.equal(stream);
      cam.stop();
      expect(stream.getTracks().map(({ readyState }) => readyState)).to.deep.equal(['live']);
      drawn.dispose();
    });

    it('takes the camera where the stream is null', async () => {
      const cam = addCam({ stream: null });
      await cam.start();
      expect(inside(cam, '.frame').classList.contains('mirrored')).to.equal(true);
      expect(cameraStates()).to.deep.equal(['live']);
      cam.stream = null;
      await cam.updateComplete;
      expect(cam.state).to.equal('running'); // undefined to null is no other source
      expect(streams).to.have.length(1);
    });

    it('goes from the camera to a video while running', async () => {
      const cam = addCam();
      await cam.start();
      cam.src = CLIP;
      await next(cam, 'ready');
      expect(cameraStates()).to.deep.equal(['ended']);
      expect(videoOf(cam)).to.include({ currentSrc: CLIP });
      expect(videoOf(cam).srcObject).to.equal(null);
      expect(cam.script.created).to.have.length(1);
    });

    it('goes from a video to the camera while running', async () => {
      const cam = addCam({ src: CLIP });
      await cam.start();
      cam.removeAttribute('src');
      await next(cam, 'ready');
      expect(cameraStates()).to.deep.equal(['live']);
    });

    it('makes another recognizer for another back end', async () => {
      const cam = addCam();
      await cam.start();
      cam.backend = 'wasm';
      await next(cam, 'ready');
      expect(cam.script.created.map(({ backend }) => backend)).to.deep.equal(['auto', 'wasm']);
      expect(cam.script.disposed).to.equal(1);
    });

    it('starts nothing when a source is set at rest', async () => {
      const cam = addCam();
      cam.src = CLIP;
      await cam.updateComplete;
      expect(cam.state).to.equal('idle');
    });

    it('runs once when a source is set and started in one go', async () => {
      const cam = addCam();
      await cam.updateComplete;
      let readies = 0;
      cam.addEventListener('ready', () => (readies += 1));
      cam.src = CLIP;
      await cam.start();
      await cam.updateComplete;
      expect(readies).to.equal(1);
    });
  });

  describe('errors', () => {
    const causes = [
      ['NotAllowedError', 'camera-denied', texts.allowCamera.chromium],
      ['NotFoundError', 'camera-not-found', texts.errors['camera-not-found']],
      ['NotReadableError', 'camera-in-use', texts.errors['camera-in-use']],
    ] as const;
    for (const [name, code, sentence] of causes) {
      it(`says ${code} on screen, as an event and to who started it`, async () => {
        cameraThatFails(name);
        const cam = addCam();
        const event = next<EmotionCamErrorEvent>(cam, 'error');
        const error = (await rejection(cam.start())) as EmotionCamError;
        expect(error).to.include({ code });
        expect((await event).error).to.equal(error);
        expect(cam.state).to.equal('error');
        expect(inside(cam, '[role=alert] p').textContent).to.equal(sentence);
      });
    }

    it('says camera-insecure-page on screen', async () => {
      replaceProperty(window, 'isSecureContext', false);
      const cam = addCam({ autostart: true });
      const { error } = await next<EmotionCamErrorEvent>(cam, 'error');
      expect(error.code).to.equal('camera-insecure-page');
      expect(messageOf(cam)).to.contain('https://');
    });

    it('says that a file is no video, and of which', async () => {
      const cam = addCam({ src: NO_VIDEO });
      const error = (await rejection(cam.start())) as EmotionCamError;
      expect(error.code).to.equal('video-unplayable');
      expect(error.message).to.contain(NO_VIDEO);
      expect(error.cause).to.be.instanceOf(MediaError);
    });

    it('says that a stream has no live picture', async () => {
      const cam = addCam({ stream: new MediaStream() });
      expect(await rejection(cam.start())).to.include({ code: 'stream-ended' });
    });

    it('says when the camera goes away', async () => {
      const cam = addCam();
      await cam.start();
      const event = next<EmotionCamErrorEvent>(cam, 'error');
      const [track] = streams[0]!.getTracks();
      track!.dispatchEvent(new Event('ended')); // while another track could still be live: not yet
      expect(cam.state).to.equal('running');
      track!.stop(); // as unplugging does, but without its event
      track!.dispatchEvent(new Event('ended'));
      expect((await event).error.code).to.equal('stream-ended');
      expect(cam.state).to.equal('error');
    });

    it('changes to the camera that device-id names, and switches the one before off', async () => {
      const cam = addCam();
      await cam.start();
      await next(cam, 'emotion');
      const { deviceId } = streams[0]!.getVideoTracks()[0]!.getSettings();
      cam.deviceId = deviceId!;
      await next(cam, 'ready');
      await next(cam, 'emotion');
      expect(cameraStates()).to.deep.equal(['ended', 'live']);
      expect(cam.script.created).to.have.lengthOf(1); // the model stays
      const event = next<EmotionCamErrorEvent>(cam, 'error');
      cam.deviceId = 'one that is not connected';
      expect((await event).error.code).to.equal('camera-constraints');
      expect(cameraStates()).to.deep.equal(['ended', 'ended']);
    });

    it('is not disturbed when cameras are plugged in or out beside the one it shows', async () => {
      const cam = addCam();
      await cam.start();
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
      await next(cam, 'emotion');
      expect(cameraStates()).to.deep.equal(['live']);
    });

    it('ends with the first frame that fails and releases the camera', async () => {
      const cam = addCam();
      const failure = new EmotionCamError('frame-empty', 'The test says so.');
      cam.script.steps = ['happiness', failure];
      const errors: EmotionCamError[] = [];
      cam.addEventListener('error', ({ error }) => errors.push(error));
      await cam.start();
      await next(cam, 'error');
      expect(errors).to.deep.equal([failure]);
      expect(cameraStates()).to.deep.equal(['ended']);
      expect(inside(cam, '[part=error-detail]').textContent).to.equal('The test says so.');
    });

    it('passes over frames that were dropped while the recognizer was set up again', async () => {
      const cam = addCam();
      const dropped = new EmotionCamError('frame-dropped', 'The worker crashed.');
      cam.script.steps = ['happiness', dropped, dropped, 'sadness'];
      await cam.start();
      expect((await next<EmotionEvent>(cam, 'emotion')).emotion).to.equal('happiness');
      expect((await next<EmotionEvent>(cam, 'emotion')).emotion).to.equal('sadness');
    });

    it('makes a new recognizer after one that failed on a frame', async () => {
      const cam = addCam();
      cam.script.steps = [new EmotionCamError('internal', 'The graphics card is gone.'), 'sadness'];
      await cam.start();
      await next(cam, 'error');
      await nextTask();
      expect(cam.script.disposed).to.equal(1);
      inside(cam, '[part=retry-button]').click();
      await next(cam, 'emotion');
      expect(cam.script.created).to.have.length(2);
    });

    it('frees the recognizer that was made after a failure, when it leaves the page', async () => {
      const cam = addCam();
      cam.script.steps = [new EmotionCamError('internal', 'The graphics card is gone.')];
      await cam.start();
      await next(cam, 'error');
      await nextTask();
      replaceProperty(navigator.mediaDevices, 'getUserMedia', () => new Promise(() => undefined));
      cam.start().catch(() => undefined);
      await until(cam, () => cam.script.created.length === 2);
      await nextTask();
      cam.remove();
      await nextTask();
      expect(cam.script.disposed).to.equal(2);
    });

    it('wraps what it does not know and keeps the cause', async () => {
      const cam = addCam();
      const cause = new RangeError('out of range');
      cam.script.loading = () => Promise.reject(cause);
      const error = (await rejection(cam.start())) as EmotionCamError;
      expect(error).to.include({ code: 'internal', cause });
      expect(error.message).to.contain('RangeError: out of range');
    });

    it('tries again at a click', async () => {
      const cam = addCam();
      cam.script.loading = () => Promise.reject(new Error('Not this time.'));
      await rejection(cam.start());
      await cam.updateComplete;
      cam.script.loading = () => Promise.resolve();
      inside(cam, '[part=retry-button]').click();
      await next(cam, 'ready');
      expect(cam.state).to.equal('running');
      expect(cam.renderRoot.querySelector('[role=alert]')).to.equal(null);
    });

    it('tries again with another source', async () => {
      const cam = addCam({ src: NO_VIDEO });
      await rejection(cam.start());
      cam.src = CLIP;
      await next(cam, 'ready');
      expect(cam.state).to.equal('running');
    });

    it('can be started anew with another source in one go', async () => {
      const cam = addCam({ src: NO_VIDEO });
      await rejection(cam.start());
      cam.src = CLIP;
      await cam.start();
      expect(cam.state).to.equal('running');
    });

    it('does not bubble, so that no error tracker takes it for uncaught', async () => {
      cameraThatFails('NotFoundError');
      const cam = addCam();
      let hasBubbled = false;
      const handleError = () => (hasBubbled = true);
      document.body.addEventListener('error', handleError);
      const event = next(cam, 'error');
      await rejection(cam.start());
      await event;
      document.body.removeEventListener('error', handleError);
      expect(hasBubbled).to.equal(false);
    });
  });

  describe('results', () => {
    it('fires emotion with the scores, after they are on screen', async () => {
      const cam = addCam();
      let shown = '';
      cam.addEventListener('emotion', () => (shown = inside(cam, '[part=label]').textContent), {
        once: true,
      });
      const event = next<EmotionEvent>(document, 'emotion'); // it bubbles
      await cam.start();
      const { emotion, scores, face, result, target } = await event;
      expect(target).to.equal(cam);
      expect(emotion).to.equal('happiness');
      expect(scores.happiness).to.equal(0.7);
      expect(cam.faces).to.deep.equal([face]);
      expect(result.faces[0]).to.equal(face);
      expect(shown).to.match(/Happiness\s+70%/);
      expect(inside(cam, '[part=tag]').textContent).to.match(/Happiness\s+70%/);
    });

    it('puts a question mark where it is uncertain, and reads it out as unclear', async () => {
      const cam = addCam();
      cam.script.steps = [[{ ...readingOf('fear'), isUncertain: true }]];
      await cam.start();
      await next(cam, 'emotion');
      expect(inside(cam, '[part=label]').textContent).to.match(/Fear\?\s+70%/);
      expect(inside(cam, '[part=tag]').textContent).to.match(/Fear\?\s+70%/);
      expect(inside(cam, '[role=status]').textContent).to.equal('Unclear');
    });

    it('shows seven bars that a screen reader can read', async () => {
      const cam = addCam();
      await cam.start();
      await next(cam, 'emotion');
      const meters = [...cam.renderRoot.querySelectorAll('[role=meter]')].map((meter) =>
        ['aria-label', 'aria-valuenow', 'aria-valuetext'].map((name) => meter.getAttribute(name)),
      );
      expect(meters).to.deep.equal([
        ['Neutral', '5', '5%'],
        ['Happiness', '70', '70%'],
        ['Surprise', '5', '5%'],
        ['Sadness', '5', '5%'],
        ['Anger', '5', '5%'],
        ['Disgust', '5', '5%'],
        ['Fear', '5', '5%'],
      ]);
      expect(inside(cam, '[role=status]').textContent).to.equal('Happiness');
    });

    it('fills the bars as the scores say', async () => {
      const cam = addCam();
      await cam.start();
      await next(cam, 'emotion');
      const bar = inside(cam, '.row.top .bar').getBoundingClientRect();
      const fill = inside(cam, '.row.top .fill');
      fill.style.transition = 'none';
      const { right } = fill.getBoundingClientRect();
      expect((right - bar.left) / bar.width).to.be.closeTo(0.7, 0.01);
    });

    it('fires face-lost once for every time that the face goes away', async () => {
      const cam = addCam();
      cam.script.steps = [
        'nobody',
        'fear',
        'fear',
        'nobody',
        'nobody',
        'anger',
        'nobody',
        'nobody',
      ];
      const seen: string[] = [];
      for (const type of ['emotion', 'face-lost'] as const) {
        cam.addEventListener(type, () => seen.push(type));
      }
      await cam.start();
      await until(cam, () => cam.script.frames > 10);
      expect(seen).to.deep.equal(['emotion', 'emotion', 'face-lost', 'emotion', 'face-lost']);
    });

    it('says when there is no face, and shows no scores then', async () => {
      const cam = addCam();
      cam.script.steps = ['fear', 'nobody'];
      await cam.start();
      const { timestampMs } = await next<FaceLostEvent>(cam, 'face-lost');
      expect(timestampMs).to.be.greaterThan(0);
      expect(messageOf(cam)).to.equal('No face in view');
      expect(cam.renderRoot.querySelector('[part=box]')).to.equal(null);
      expect(inside(cam, '[role=meter]').getAttribute('aria-valuetext')).to.equal('No face');
    });

    it('counts what the frames take', async () => {
      const cam = addCam();
      expect(cam.stats).to.equal(undefined);
      await cam.start();
      await next(cam, 'emotion');
      await next(cam, 'emotion');
      expect(cam.stats).to.include({ backend: 'cpu', frameMs: 4, detectMs: 1, networkMs: 2 });
      expect(cam.stats).to.include({ cropMs: 0.5, readbackMs: 0.25 });
      expect(cam.stats).to.include({ numTensors: 7 });
      expect(cam.stats?.fps).to.be.greaterThan(0);
    });

    it('passes on that the recognizer was set up otherwise', async () => {
      const cam = addCam();
      await cam.start();
      const event = next<SetupChangeEvent>(cam, 'setup-change');
      const change = { cause: 'over-budget', reason: 'Frames took too long.' } as const;
      cam.script.events.dispatchEvent(new SetupChangeEvent(change));
      expect(await event).to.include(change);
    });

    for (const [name, most] of [
      ['webgpu', 2],
      ['wasm', 1],
    ] as const) {
      it(`has ${most} at most in work at a time on ${name}, and tells of them in order`, async () => {
        const cam = addCam();
        cam.script.backend = { name, reason: 'A test wants it.' };
        let inWork = 0;
        let seen = 0;
        cam.script.work = async () => {
          seen = Math.max(seen, ++inWork);
          for (let i = 0; i < 3; i++) {
            await new Promise((resolve) => videoOf(cam).requestVideoFrameCallback(resolve));
          }
          inWork -= 1;
        };
        const times: number[] = [];
        cam.addEventListener('emotion', ({ result }) => times.push(result.timestampMs));
        await cam.start();
        while (times.length < 5) await next(cam, 'emotion');
        expect(seen).to.equal(most);
        expect(times).to.deep.equal([...times].sort((a, b) => a - b));
      });
    }

    it('rests while paused and goes on afterwards', async () => {
      const cam = addCam();
      await cam.start();
      await next(cam, 'emotion');
      cam.paused = true;
      await cam.updateComplete;
      expect(cam.state).to.equal('paused');
      expect(videoOf(cam).paused).to.equal(true);
      expect(messageOf(cam)).to.equal('Paused');
      expect(cameraStates()).to.deep.equal(['live']);
      cam.paused = false;
      await next(cam, 'emotion');
      expect(cam.state).to.equal('running');
    });

    it('takes no more frames a second than it may', async () => {
      const drawn = await drawnVideo();
      const cam = addCam({ stream: drawn.stream, maxFps: 0.001 });
      await cam.start();
      await next(cam, 'emotion');
      await drawn.drawFrames(10);
      expect(cam.script.frames).to.equal(1);
      cam.maxFps = undefined;
      await next(cam, 'emotion');
      drawn.dispose();
    });

    it('can start paused: with a picture and without results', async () => {
      const cam = addCam({ paused: true });
      await cam.start();
      expect(cam.state).to.equal('paused');
      expect(videoOf(cam).paused).to.equal(true);
      expect(cam.script.frames).to.equal(0);
      cam.paused = false;
      await next(cam, 'emotion');
    });
  });

  describe('the box', () => {
    for (const fit of ['cover', 'contain'] as const) {
      for (const mirrored of [true, false]) {
        for (const height of ['auto', '700px', '200px']) {
          it(`lies on the face: ${fit}, ${mirrored ? '' : 'not '}mirrored, ${height} high`, async () => {
            const cam = addCam({ fit, mirrored });
            cam.style.cssText = `width: 500px; height: ${height}`;
            await cam.start();
            await next(cam, 'emotion');
            expect(boxInPicture(cam)).to.satisfy(isNear(mirrored ? 0.5 : BOX.x / 100));
            expectToFit(cam, fit);
          });
        }
      }
    }

    it('is around every face; the scores are of the first', async () => {
      const cam = addCam({ maxFaces: 2 });
      const left = { ...readingOf('fear'), id: 4 };
      const right = { ...readingOf('anger'), id: 5, box: { ...BOX, x: 55 } };
      cam.script.steps = [[left, right]];
      await cam.start();
      const { face } = await next<EmotionEvent>(cam, 'emotion');
      const tags = [...cam.renderRoot.querySelectorAll('[part=tag]')].map((tag) => tag.textContent);
      expect(tags.map((tag) => tag.trim().split(/\s/)[0])).to.deep.equal(['Fear', 'Anger']);
      expect(face).to.equal(left);
      expect(cam.faces).to.deep.equal([left, right]);
      expect(inside(cam, '[part=label]').textContent).to.match(/Fear/);
    });

    it('stays with its face when another one comes to the front', async () => {
      const cam = addCam({ maxFaces: 2 });
      const [one, two] = [4, 5].map((id) => ({ ...readingOf('fear'), id }));
      cam.script.steps = [[one!, two!]];
      await cam.start();
      await next(cam, 'emotion');
      const boxes = [...cam.renderRoot.querySelectorAll('[part=box]')];
      cam.script.steps = [[two!, one!]];
      await until(cam, () => cam.faces[0] === two);
      await cam.updateComplete;
      const after = [...cam.renderRoot.querySelectorAll('[part=box]')];
      expect(after).to.deep.equal(boxes.reverse());
    });

    it('is whole for a face that is partly out of the picture', async () => {
      const { shownBox } = await import('../../src/element/face-box.js');
      const box = shownBox(
        { x: -20, y: -10, width: 60, height: 130 },
        { width: 100, height: 100 },
        false,
      );
      expect(box).to.deep.equal({ left: 0, top: 0, width: 0.4, height: 1 });
    });
  });

  for (const width of ['160px', '240px'])
    describe(`at ${width}`, () => {
      function expectNothingToStickOut(cam: ScriptedCam): void {
        const { right } = cam.getBoundingClientRect();
        for (const element of cam.renderRoot.querySelectorAll(
          '.stage, .cover, .cover *, .panel *',
        )) {
          expect(element.getBoundingClientRect().right, element.className).to.be.at.most(right);
        }
      }

      it('shows everything while it runs', async () => {
        const cam = addCam();
        cam.style.width = width;
        await cam.start();
        await next(cam, 'emotion');
        expectNothingToStickOut(cam);
      });

      it('shows the whole sentence and the button after an error', async () => {
        cameraThatFails('NotAllowedError'); // one of the longest
        const cam = addCam();
        cam.style.width = width;
        const event = next(cam, 'error');
        await rejection(cam.start());
        await event;
        expectNothingToStickOut(cam);
        const { bottom } = inside(cam, '.stage').getBoundingClientRect();
        const button = inside(cam, '[part=retry-button]').getBoundingClientRect();
        expect(button.bottom).to.be.at.most(bottom);
      });
    });

  /** Left edge, top, width, height of the box as fractions of the picture on screen. */
  function boxInPicture(cam: ScriptedCam): number[] {
    const picture = videoOf(cam).getBoundingClientRect();
    const box = inside(cam, '.box').getBoundingClientRect();
    return [
      (box.left - picture.left) / picture.width,
      (box.top - picture.top) / picture.height,
      box.width / picture.width,
      box.height / picture.height,
    ];
  }

  function isNear(left: number) {
    const expected = [left, BOX.y / 100, BOX.width / 100, BOX.height / 100];
    return (values: number[]) =>
      values.every((value, index) => Math.abs(value - expected[index]!) < 0.005);
  }

  function expectToFit(cam: ScriptedCam, fit: 'cover' | 'contain'): void {
    const video = videoOf(cam);
    const picture = video.getBoundingClientRect();
    const stage = inside(cam, '.stage').getBoundingClientRect();
    expect(picture.width / picture.height).to.be.closeTo(
      video.videoWidth / video.videoHeight,
      0.01,
    );
    const scales = [picture.width / stage.width, picture.height / stage.height];
    if (fit === 'cover') expect(Math.min(...scales)).to.be.closeTo(1, 0.01);
    else expect(Math.max(...scales)).to.be.closeTo(1, 0.01);
  }

  function nextTask(): Promise<void> {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
  }
});
