import { expect } from 'chai';
import { openCamera, stopTracks } from '../../src/camera.js';
import { EmotionCamError } from '../../src/errors.js';
import { cameraThatFails, replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { rejection } from './support/rejection.js';

describe('openCamera', () => {
  afterEach(restoreProperties);

  const causes = [
    ['NotAllowedError', 'camera-denied', /allow it/i],
    ['SecurityError', 'camera-denied', /allow it/i],
    ['NotFoundError', 'camera-not-found', /connect one/i],
    ['OverconstrainedError', 'camera-constraints', /deviceId/],
    ['NotReadableError', 'camera-in-use', /close programs/i],
    ['AbortError', 'camera-in-use', /close programs/i],
    ['NotSupportedError', 'camera-unsupported', /use a current/i],
    ['InvalidStateError', 'camera-failed', /reconnect it/i],
  ] as const;
  for (const [name, code, advice] of causes) {
    it(`calls ${name} ${code}, says what to do and keeps the cause`, async () => {
      const cause = cameraThatFails(name);
      const error = await rejection(openCamera());
      expect(error).to.be.instanceOf(EmotionCamError);
      expect(error).to.include({ code, cause });
      expect((error as Error).message).to.match(advice);
    });
  }

  it('tells a page in a frame without permission how to get it', async () => {
    cameraThatFails('NotAllowedError');
    replaceProperty(document, 'featurePolicy', { allowsFeature: () => false });
    const error = await rejection(openCamera());
    expect(error).to.include({ code: 'camera-blocked-by-policy' });
    expect((error as Error).message).to.contain('allow="camera"');
  });

  const messages = [
    ['Permission dismissed', 'camera-dismissed'],
    ['Permission denied by system', 'camera-blocked-by-system'],
    ['Permission denied', 'camera-denied'],
  ] as const;
  for (const [message, code] of messages) {
    it(`takes Chromium's "${message}" for ${code}`, async () => {
      cameraThatFails('NotAllowedError', message);
      expect(await rejection(openCamera())).to.include({ code });
    });
  }

  it('sends people from an app without cameras to a browser', async () => {
    replaceProperty(
      navigator,
      'userAgent',
      'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 Instagram 300.0',
    );
    cameraThatFails('NotAllowedError');
    expect(await rejection(openCamera())).to.include({ code: 'camera-in-app-browser' });
    replaceProperty(navigator, 'mediaDevices', undefined);
    expect(await rejection(openCamera())).to.include({ code: 'camera-in-app-browser' });
  });

  it('asks for the camera that is named, else for one that faces the user', async () => {
    const asked: unknown[] = [];
    const stream = new MediaStream();
    replaceProperty(navigator.mediaDevices, 'getUserMedia', (constraints: unknown) => {
      asked.push(constraints);
      return Promise.resolve(stream);
    });
    const size = { width: { ideal: 640 }, height: { ideal: 480 } };
    await openCamera();
    await openCamera({ facingMode: 'environment' });
    await openCamera({ deviceId: 'a1', facingMode: 'environment' });
    expect(asked).to.deep.equal([
      { audio: false, video: { facingMode: { ideal: 'user' }, ...size } },
      { audio: false, video: { facingMode: { ideal: 'environment' }, ...size } },
      { audio: false, video: { deviceId: { exact: 'a1' }, ...size } },
    ]);
  });

  it('asks for https where the page is insecure', async () => {
    replaceProperty(window, 'isSecureContext', false);
    const error = await rejection(openCamera());
    expect(error).to.include({ code: 'camera-insecure-page' });
    expect((error as Error).message).to.contain('https://');
  });

  it('asks for another browser where this one has no cameras', async () => {
    replaceProperty(navigator, 'mediaDevices', undefined);
    expect(await rejection(openCamera())).to.include({ code: 'camera-unsupported' });
  });

  it('opens a picture without sound and stops it', async () => {
    const stream = await openCamera();
    expect(stream.getAudioTracks()).to.have.length(0);
    const [track] = stream.getVideoTracks();
    expect(track?.readyState).to.equal('live');
    stopTracks(stream);
    expect(track?.readyState).to.equal('ended');
  });

  it('switches off a camera that opens after it was given up', async () => {
    const stream = await openCamera();
    replaceProperty(navigator.mediaDevices, 'getUserMedia', () => Promise.resolve(stream));
    const giveUp = new AbortController();
    const opening = openCamera({ signal: giveUp.signal });
    giveUp.abort();
    expect(await rejection(opening)).to.include({ name: 'AbortError' });
    expect(stream.getTracks().map(({ readyState }) => readyState)).to.deep.equal(['ended']);
  });
});
