import { expect } from 'chai';
import type { EmotionCamError } from '../../src/errors.js';
import { openVideo } from '../../src/video-source.js';
import { cameraThatFails, replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { next } from './support/scripted-cam.js';

describe('a camera that is open', () => {
  let video: HTMLVideoElement;
  let source: AbortController;
  let failures: EmotionCamError[];
  let failed: Promise<EmotionCamError>;

  beforeEach(async () => {
    video = Object.assign(document.createElement('video'), { muted: true });
    document.body.append(video);
    source = new AbortController();
    failures = [];
    failed = new Promise((resolve) => {
      const onFailure = (error: EmotionCamError): void => {
        failures.push(error);
        resolve(error);
      };
      opened = openVideo(video, {}, { signal: source.signal, onFailure });
    });
    await opened;
  });
  let opened: Promise<void>;

  afterEach(() => {
    source.abort();
    video.remove();
    restoreProperties();
  });

  const track = (): MediaStreamTrack => (video.srcObject as MediaStream).getVideoTracks()[0]!;

  /** As unplugging does. */
  function unplug(): void {
    track().stop();
    track().dispatchEvent(new Event('ended'));
  }

  /** Sets the clock forward: it has worked for so long. */
  function later(ms: number): void {
    const start = performance.now.bind(performance);
    replaceProperty(performance, 'now', () => start() + ms);
  }

  function permission(state: PermissionState): void {
    replaceProperty(navigator.permissions, 'query', () => Promise.resolve({ state }));
  }

  it('is opened again when it goes away and another is there', async () => {
    later(60_000);
    permission('granted');
    const first = video.srcObject;
    const playing = next(video, 'playing');
    unplug();
    await playing;
    expect(video.srcObject).not.to.equal(first);
    expect(track().readyState).to.equal('live');
    source.abort();
    expect(failures).to.deep.equal([]);
  });

  it('ends with the reason where none is left', async () => {
    later(60_000);
    permission('granted');
    cameraThatFails('NotFoundError');
    unplug();
    expect((await failed).code).to.equal('camera-not-found');
    expect(failures).to.have.lengthOf(1);
  });

  it('is not asked for again when the permission is taken back', async () => {
    later(60_000);
    permission('prompt');
    let calls = 0;
    replaceProperty(navigator.mediaDevices, 'getUserMedia', () => (calls += 1));
    unplug();
    expect((await failed).code).to.equal('stream-ended');
    expect(calls).to.equal(0);
  });

  it('is left alone where the browser does not say whether it may be opened', async () => {
    later(60_000);
    replaceProperty(navigator.permissions, 'query', () => Promise.reject(new TypeError()));
    unplug();
    expect((await failed).code).to.equal('stream-ended');
  });

  it('is left alone where it goes away at once', async () => {
    permission('granted');
    unplug();
    expect((await failed).code).to.equal('stream-ended');
  });

  it('is closed though it is being opened again', async () => {
    later(60_000);
    permission('granted');
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const again = new Promise<MediaStream>((resolve) => {
      replaceProperty(mediaDevices, 'getUserMedia', async (constraints: MediaStreamConstraints) => {
        source.abort();
        const stream = await open(constraints);
        resolve(stream);
        return stream;
      });
    });
    unplug();
    const [late] = (await again).getTracks();
    await new Promise((resolve) => setTimeout(resolve));
    expect(late!.readyState).to.equal('ended');
    expect(failures).to.deep.equal([]);
  });

  it('goes on when it was muted for a while, as by a key of the keyboard or a call', async () => {
    track().dispatchEvent(new Event('mute'));
    track().dispatchEvent(new Event('unmute'));
    await new Promise((resolve) => {
      video.requestVideoFrameCallback(resolve);
    });
    expect(failures).to.deep.equal([]);
  });
});
