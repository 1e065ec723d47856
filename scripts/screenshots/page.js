/*
 * The page that pictures are taken of; its address says which state to show. In place of a recognizer at work
 * it has what one saw in the still (`readings.js`), so that each picture is the same every time.
 */
import { EmotionCam } from '/dist/emotion-cam.bundle.js';
import { drawStill, streamOf } from './stills.js';

const parameters = new URLSearchParams(location.search);
const state = parameters.get('state') ?? 'idle';
document.documentElement.lang = parameters.get('lang') ?? 'en';

const readings = await (await fetch('./readings.json')).json();
/** Which still a state shows, and what was read in it. */
const STILLS = {
  running: 'one',
  paused: 'one',
  heatmap: 'one',
  uncertain: 'uncertain',
  'two-faces': 'two',
  nobody: 'nobody',
};
const { result, heat } = readings[STILLS[state] ?? 'nobody'];
const heatCanvas = heat && (await createImageBitmap(await (await fetch(heat.picture)).blob()));

class ShownCam extends EmotionCam {
  async createRecognizer() {
    if (state === 'loading') await new Promise(() => undefined);
    if (state === 'internal') throw new RangeError('maximum of 8 exceeded');
    return {
      backend: { name: 'wasm', reason: 'A picture is taken.' },
      numTensors: 0,
      addEventListener() {},
      dispose() {},
      watch(_video, { onResult }) {
        requestAnimationFrame((timestampMs) => onResult({ ...result, timestampMs })); // a still is one frame
        return { stop() {}, ended: new Promise(() => undefined) };
      },
      explain: async () => ({ canvas: heatCanvas, toFrame: heat.toFrame }),
    };
  }
}
customElements.define('shown-cam', ShownCam);

const cam = new ShownCam();
const refusals = {
  'camera-denied': 'NotAllowedError',
  'camera-not-found': 'NotFoundError',
  'camera-in-use': 'NotReadableError',
};
const still = STILLS[state] === 'uncertain' ? 'one' : (STILLS[state] ?? 'one');
const picture = await drawStill(still);
navigator.mediaDevices.getUserMedia = async () => {
  if (state in refusals) throw new DOMException('A picture is taken.', refusals[state]);
  return streamOf(picture);
};
if (state === 'consent') cam.consent = 'required';
if (state === 'heatmap') cam.overlay = 'heatmap label bars';
if (state === 'two-faces') {
  cam.maxFaces = 2;
  cam.overlay = 'box label bars mesh-points';
}
document.body.append(cam);

/** Resolves once the element shows what the picture is of. */
async function show() {
  await cam.updateComplete;
  if (state === 'idle') return;
  cam.start().catch(() => undefined);
  const wanted = state in STILLS ? 'running' : state in refusals ? 'error' : state;
  const isThere = () =>
    cam.state === (wanted === 'internal' ? 'error' : wanted) &&
    (wanted !== 'running' || cam.stats !== undefined) &&
    (wanted !== 'loading' || cam.renderRoot.querySelector('video').videoWidth > 0);
  while (!isThere()) await new Promise(requestAnimationFrame);
  if (state === 'paused') cam.pause();
  if (state === 'heatmap')
    while (cam.renderRoot.querySelector('.heatmap')?.width !== 640)
      await new Promise(requestAnimationFrame);
  await cam.updateComplete;
  await document.fonts.ready;
}
await show();
document.body.dataset.is = 'there';
