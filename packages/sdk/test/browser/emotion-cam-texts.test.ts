import { expect } from 'chai';
import { addCam, inside, next } from './support/scripted-cam.js';
import { run } from './support/stage.js';

const startText = (cam: Parameters<typeof inside>[0]) =>
  inside(cam, '[part=start-button]').textContent.trim();

describe('the language of <emotion-cam>', () => {
  afterEach(() => {
    document.body.replaceChildren();
    document.documentElement.lang = 'en';
  });

  const languages = [
    ['en', 'Start camera', 'Happiness'],
    ['es', 'Iniciar la cámara', 'Alegría'],
    ['fr', 'Démarrer la caméra', 'Joie'],
    ['de', 'Kamera starten', 'Freude'],
    ['zh', '开启摄像头', '高兴'],
    ['ja', 'カメラを開始', '喜び'],
    ['ar', 'تشغيل الكاميرا', 'سعادة'],
  ] as const;
  for (const [lang, start, happiness] of languages) {
    it(`is ${lang} where its lang says so`, async () => {
      const cam = addCam({ lang });
      await cam.updateComplete;
      expect(startText(cam)).to.equal(start);
      await run(cam);
      expect(inside(cam, '[part=label]').textContent).to.contain(happiness);
      expect(inside(cam, '.root').lang).to.equal(lang);
      expect(inside(cam, '.root').dir).to.equal(lang === 'ar' ? 'rtl' : 'ltr');
    });
  }

  it('is that of the nearest element that has one, through shadow roots', async () => {
    const outer = document.createElement('div');
    outer.lang = 'fr-CA';
    const inner = document.createElement('div');
    outer.append(inner);
    document.body.append(outer);
    const cam = addCam();
    inner.attachShadow({ mode: 'open' }).append(cam);
    await cam.updateComplete;
    expect(startText(cam)).to.equal('Démarrer la caméra');
  });

  it('follows the page', async () => {
    const cam = addCam();
    await cam.updateComplete;
    expect(startText(cam)).to.equal('Start camera');
    document.documentElement.lang = 'de';
    await new Promise((resolve) => requestAnimationFrame(resolve)); // observers are told first
    await cam.updateComplete;
    expect(startText(cam)).to.equal('Kamera starten');
  });

  for (const lang of ['sw', 'constructor', '']) {
    it(`is English for "${lang}"`, async () => {
      document.documentElement.removeAttribute('lang');
      const cam = addCam();
      cam.setAttribute('lang', lang);
      await cam.updateComplete;
      expect(startText(cam)).to.equal('Start camera');
    });
  }

  it('is never seen in another before its own is loaded', async () => {
    document.documentElement.lang = 'de';
    const cam = addCam();
    const seen: string[] = [];
    const observer = new MutationObserver(() => seen.push(startText(cam)));
    observer.observe(cam.shadowRoot!, { childList: true, subtree: true });
    await cam.updateComplete;
    observer.disconnect();
    expect(startText(cam)).to.equal('Kamera starten');
    expect(seen.filter((text) => text !== 'Kamera starten')).to.deep.equal([]);
  });

  it('takes labels and texts of the page in place of its own', async () => {
    const cam = addCam();
    cam.labels = { happiness: 'Smiling' };
    cam.texts = { startCamera: 'Go' };
    await cam.updateComplete;
    expect(startText(cam)).to.equal('Go');
    await run(cam);
    expect(inside(cam, '[part=tag]').textContent).to.contain('Smiling 70%');
    cam.labels = null;
    await next(cam, 'emotion');
    expect(inside(cam, '[part=tag]').textContent).to.contain('Happiness');
  });

  it('fills its bars from the right where it is read from there', async () => {
    const cam = addCam({ lang: 'ar' });
    await run(cam);
    const bar = inside(cam, '.row.top .bar').getBoundingClientRect();
    const fill = inside(cam, '.row.top .fill');
    fill.style.transition = 'none';
    expect((bar.right - fill.getBoundingClientRect().left) / bar.width).to.be.closeTo(0.7, 0.01);
  });
});
