import { expect } from 'chai';
import type { ConsentEvent } from '../../src/events.js';
import { replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { rejection } from './support/rejection.js';
import { addCam, inside, next } from './support/scripted-cam.js';
import { inState, run } from './support/stage.js';

const CLIP = new URL('../../../../e2e/fixtures/clip.webm', import.meta.url).href;

describe('<emotion-cam consent>', () => {
  /** How often the camera was asked for. */
  let asked: number;

  beforeEach(() => {
    asked = 0;
    sessionStorage.clear();
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    replaceProperty(devices, 'getUserMedia', (constraints: MediaStreamConstraints) => {
      asked += 1;
      return open(constraints);
    });
  });
  afterEach(() => {
    document.body.replaceChildren();
    restoreProperties();
    sessionStorage.clear();
  });

  it('asks the person, and neither the camera nor the network before they agree', async () => {
    const cam = addCam({ consent: 'required', autostart: true });
    await inState(cam, 'consent');
    expect(inside(cam, '[part=consent]').textContent).to.contain('not sent anywhere');
    expect({ asked, models: cam.script.created.length }).to.deep.equal({ asked: 0, models: 0 });
    const [event, ready] = [next<ConsentEvent>(document, 'consent'), next(cam, 'ready')];
    inside(cam, '[part=agree-button]').click();
    await ready;
    expect((await event).isGiven).to.equal(true);
    expect(asked).to.equal(1);
  });

  it('is idle again after a no, without an error, and asks again at the next start', async () => {
    const cam = addCam({ consent: 'required' });
    let errors = 0;
    cam.addEventListener('error', () => (errors += 1));
    const started = rejection(cam.start());
    await inState(cam, 'consent');
    const event = next<ConsentEvent>(cam, 'consent');
    inside(cam, '[part=decline-button]').click();
    expect(await started).to.include({ code: 'consent-declined' });
    expect((await event).isGiven).to.equal(false);
    await inState(cam, 'idle');
    expect({ asked, errors }).to.deep.equal({ asked: 0, errors: 0 });
    inside(cam, '[part=start-button]').click();
    await inState(cam, 'consent');
  });

  it('asks once for all runs of an element', async () => {
    const cam = addCam({ consent: 'required' });
    const ready = next(cam, 'ready');
    void cam.start();
    await inState(cam, 'consent');
    inside(cam, '[part=agree-button]').click();
    await ready;
    cam.stop();
    await cam.start();
    expect(cam.state).to.equal('running');
  });

  it('takes the consent back with its own stop button', async () => {
    const cam = addCam({ consent: 'session' });
    const ready = next(cam, 'ready');
    void cam.start();
    await inState(cam, 'consent');
    inside(cam, '[part=agree-button]').click();
    await ready;
    const event = next<ConsentEvent>(cam, 'consent');
    inside(cam, '[part=stop-button]').click();
    expect((await event).isGiven).to.equal(false);
    expect(cam.state).to.equal('idle');
    rejection(cam.start()).catch(() => undefined);
    await inState(cam, 'consent');
  });

  it('remembers a yes for the session, where the page says so and only there', async () => {
    const agree = async (consent: 'required' | 'session') => {
      const cam = addCam({ consent, autostart: true });
      await inState(cam, 'consent');
      const ready = next(cam, 'ready');
      inside(cam, '[part=agree-button]').click();
      await ready;
      cam.remove();
    };
    await agree('required');
    await agree('session'); // asked again: nothing was remembered
    const another = addCam({ consent: 'session' });
    await run(another);
    expect(another.state).to.equal('running');
    another.remove();
    const strict = addCam({ consent: 'required', autostart: true });
    await inState(strict, 'consent');
  });

  it('asks every time where the browser forbids storage', async () => {
    const blocked = Object.getOwnPropertyDescriptor(window, 'sessionStorage')!;
    Object.defineProperty(window, 'sessionStorage', {
      configurable: true,
      get: () => {
        throw new DOMException('The test says so.', 'SecurityError');
      },
    });
    try {
      const cam = addCam({ consent: 'session', autostart: true });
      await inState(cam, 'consent');
      inside(cam, '[part=agree-button]').click();
      await next(cam, 'ready');
    } finally {
      Object.defineProperty(window, 'sessionStorage', blocked);
    }
  });

  it('needs none for a recorded video, and one for a stream', async () => {
    const cam = addCam({ consent: 'required', src: CLIP });
    await cam.start();
    expect(cam.state).to.equal('running');
    cam.stream = new MediaStream();
    await inState(cam, 'consent');
  });

  it('gives the question up when it is stopped', async () => {
    const cam = addCam({ consent: 'required' });
    const started = rejection(cam.start());
    await inState(cam, 'consent');
    cam.stop();
    expect(await started).to.include({ name: 'AbortError' });
    expect(cam.state).to.equal('idle');
  });

  it('shows words of the page in place of its own', async () => {
    const cam = addCam({ consent: 'required', autostart: true });
    cam.innerHTML = '<p slot="consent">Our study, our words.</p>';
    await inState(cam, 'consent');
    const slot = inside(cam, 'slot[name=consent]') as HTMLSlotElement;
    expect(slot.assignedElements()[0]?.textContent).to.equal('Our study, our words.');
    expect(inside(cam, '[part=consent] .title').getClientRects()).to.have.length(0);
  });
});

describe('<emotion-cam> and its camera', () => {
  afterEach(() => {
    document.body.replaceChildren();
    restoreProperties();
  });

  it('shows while it is on, and not for a recorded video', async () => {
    const cam = addCam();
    await run(cam);
    expect(inside(cam, '[part=indicator]').textContent).to.match(/Camera on/);
    expect(cam.matches(':state(camera)')).to.equal(true);
    cam.src = CLIP;
    await next(cam, 'ready');
    expect(cam.renderRoot.querySelector('[part=indicator]')).to.equal(null);
    expect(cam.matches(':state(camera)')).to.equal(false);
  });

  it('goes off while the page is hidden, where the page says so, and comes back', async () => {
    const hide = (hidden: boolean) => {
      replaceProperty(document, 'hidden', hidden);
      document.dispatchEvent(new Event('visibilitychange'));
    };
    const cam = addCam();
    await run(cam);
    hide(true);
    expect(cam.state).to.equal('running'); // not told to
    hide(false);
    cam.stopWhenHidden = true;
    hide(true);
    expect(cam.state).to.equal('idle');
    const ready = next(cam, 'ready');
    hide(false);
    await ready;
    cam.stop();
    hide(true);
    hide(false);
    expect(cam.state).to.equal('idle'); // it was not running
  });
});
