import 'axe-core';
import type axeCore from 'axe-core';
import { expect } from 'chai';
import { cameraThatFails, restoreProperties } from './support/camera-stubs.js';
import { rejection } from './support/rejection.js';
import { addCam, inside, next, readingOf, type ScriptedCam } from './support/scripted-cam.js';
import { focusedIn, inState, run, until } from './support/stage.js';

declare const axe: typeof axeCore;

/** Brings an element into a state that a person can meet. */
const STATES: Readonly<Record<string, (cam: ScriptedCam) => Promise<unknown>>> = {
  idle: (cam) => cam.updateComplete,
  consent: (cam) => {
    cam.consent = 'required';
    cam.autostart = true;
    return inState(cam, 'consent');
  },
  loading: async (cam) => {
    cam.script.loading = () => new Promise(() => undefined);
    cam.autostart = true;
    await inState(cam, 'loading');
  },
  running: (cam) => run(cam),
  'running with two faces': (cam) => {
    cam.maxFaces = 2;
    cam.overlay = 'box label mesh-points bars';
    cam.script.steps = [[readingOf('fear'), { ...readingOf('anger'), id: 2 }]];
    return run(cam);
  },
  'running with consent': async (cam) => {
    cam.consent = 'required';
    const ready = next(cam, 'ready');
    void cam.start();
    await inState(cam, 'consent');
    inside(cam, '[part=agree-button]').click();
    await ready;
  },
  'without a face': async (cam) => {
    cam.script.steps = ['nobody'];
    await cam.start();
    await until(cam, () => cam.renderRoot.querySelector('[part=message].chip') !== null);
  },
  paused: async (cam) => {
    await run(cam);
    cam.pause();
    await cam.updateComplete;
  },
  error: async (cam) => {
    cameraThatFails('NotAllowedError');
    await rejection(cam.start());
    await cam.updateComplete;
  },
  'error with details': async (cam) => {
    cam.script.loading = () => Promise.reject(new Error('The test says so.'));
    await rejection(cam.start());
    await cam.updateComplete;
  },
};

describe('<emotion-cam> for everybody', () => {
  afterEach(() => {
    document.body.replaceChildren();
    document.documentElement.style.colorScheme = '';
    document.documentElement.lang = 'en';
    restoreProperties();
  });

  for (const [state, enter] of Object.entries(STATES)) {
    for (const [scheme, lang, width] of [
      ['light', 'en', '700px'],
      ['dark', 'ar', '160px'],
    ] as const) {
      it(`has nothing for axe to find: ${state}, ${scheme}, ${lang}, ${width}`, async () => {
        document.documentElement.style.colorScheme = scheme;
        document.body.style.background = scheme === 'dark' ? '#000' : '#fff';
        const cam = addCam({ lang });
        cam.style.width = width;
        await enter(cam);
        const { violations } = await axe.run(cam, {
          rules: { region: { enabled: false } }, // the page's business
        });
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).to.deep.equal([]);
      });
    }
  }

  it('keeps the focus when the button that had it goes', async () => {
    const cam = addCam({ consent: 'required' });
    await cam.updateComplete;
    inside(cam, '[part=start-button]').focus();
    inside(cam, '[part=start-button]').click();
    await inState(cam, 'consent');
    expect(focusedIn(cam)).to.equal('agree-button');
    const ready = next(cam, 'ready');
    inside(cam, '[part=agree-button]').click();
    await ready;
    expect(focusedIn(cam)).to.be.oneOf(['stage', 'stop-button']);
    inside(cam, '[part=stop-button]').focus();
    inside(cam, '[part=stop-button]').click();
    await inState(cam, 'idle');
    await cam.updateComplete;
    expect(focusedIn(cam)).to.equal('start-button');
  });

  it('takes no focus that it did not have', async () => {
    const button = document.createElement('button');
    document.body.append(button);
    button.focus();
    const cam = addCam();
    await run(cam);
    cam.stop();
    await cam.updateComplete;
    expect(document.activeElement).to.equal(button);
  });

  it('says nothing of the expression when it is to be quiet', async () => {
    const cam = addCam({ quiet: true });
    await run(cam);
    expect(inside(cam, '[role=status]').textContent).to.equal('');
    cam.quiet = false;
    await next(cam, 'emotion');
    expect(inside(cam, '[role=status]').textContent).to.equal('Happiness');
  });

  it('says what it is doing while it loads and when it is paused', async () => {
    const cam = addCam();
    cam.script.loading = () => new Promise(() => undefined);
    void cam.start().catch(() => undefined);
    await inState(cam, 'loading');
    expect(inside(cam, '[role=status]').textContent).to.match(/camera|model/i);
    cam.script.loading = () => Promise.resolve();
    cam.stop();
    await run(cam);
    cam.pause();
    await cam.updateComplete;
    expect(inside(cam, '[role=status]').textContent).to.equal('Paused');
  });
});
