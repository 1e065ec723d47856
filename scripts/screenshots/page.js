/* The page that `screenshots.mjs` takes pictures of; its address says which state to show. */
import { EmotionCam, EMOTIONS } from '/dist/emotion-cam.bundle.js';

const parameters = new URLSearchParams(location.search);
const state = parameters.get('state') ?? 'idle';
document.documentElement.lang = parameters.get('lang') ?? 'en';
document.body.style.margin = '16px';

/** A reading as the network would give it, of a face in a frame of 640x480. */
function reading(id, x, emotion, score) {
  const rest = (1 - score) / (EMOTIONS.length - 1);
  const scores = Object.fromEntries(EMOTIONS.map((one) => [one, one === emotion ? score : rest]));
  const points = [
    [0.3, 0.4],
    [0.7, 0.4],
    [0.5, 0.6],
    [0.5, 0.8],
    [0.05, 0.5],
    [0.95, 0.5],
  ];
  return {
    ...{ id, emotion, scores, calibratedScores: scores, rawScores: scores, detectionScore: 0.9 },
    ...{ rollDegrees: 0, isUncertain: score < 0.5, logits: new Float32Array(EMOTIONS.length) },
    box: { x, y: 140, width: 180, height: 210 },
    keyPoints: points.map(([dx, dy]) => ({ x: x + dx * 180, y: 140 + dy * 210 })),
  };
}

const FACES = {
  running: [reading(1, 230, 'happiness', 0.86)],
  paused: [reading(1, 230, 'surprise', 0.71)],
  heatmap: [reading(1, 230, 'happiness', 0.86)],
  uncertain: [reading(1, 230, 'fear', 0.41)],
  'two-faces': [reading(1, 80, 'happiness', 0.86), reading(2, 380, 'neutral', 0.64)],
  nobody: [],
};

class ShownCam extends EmotionCam {
  async createRecognizer() {
    if (state === 'loading') await new Promise(() => undefined);
    if (state === 'internal') throw new RangeError('maximum of 8 exceeded');
    return {
      backend: { name: 'webgpu', reason: 'A picture is taken.' },
      numTensors: 0,
      addEventListener() {},
      dispose() {},
      recognize: async (frame, timestampMs) => ({
        faces: FACES[state] ?? [],
        timestampMs,
        timings: { detectMs: 1, cropMs: 0, networkMs: 2, readbackMs: 0, totalMs: 4 },
        frame: { width: 640, height: 480 },
      }),
      explain: async () => ({
        canvas: mouthHeat(),
        toFrame: { a: 1, b: 0, c: 0, d: 1, e: 208, f: 120 },
      }),
    };
  }
}
customElements.define('shown-cam', ShownCam);

/** A map as the recognizer draws them, warmest at the mouth of the drawn face. */
function mouthHeat() {
  const canvas = new OffscreenCanvas(224, 224);
  const context = canvas.getContext('2d');
  const heat = context.createRadialGradient(112, 188, 0, 112, 188, 90);
  heat.addColorStop(0, 'rgb(255 0 0 / 0.7)');
  heat.addColorStop(0.5, 'rgb(255 220 0 / 0.4)');
  heat.addColorStop(1, 'rgb(255 255 0 / 0)');
  context.fillStyle = heat;
  context.fillRect(0, 0, 224, 224);
  return canvas;
}

/** A calm picture with a face in outline for every reading. */
function drawnStream() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const context = canvas.getContext('2d');
  const draw = () => {
    context.fillStyle = '#5b6b7d';
    context.fillRect(0, 0, 640, 480);
    for (const { box, keyPoints } of FACES[state] ?? []) {
      context.fillStyle = '#d9b99b';
      context.beginPath();
      context.ellipse(box.x + 90, box.y + 105, 85, 105, 0, 0, 7);
      context.fill();
      context.fillStyle = '#33404d';
      for (const { x, y } of keyPoints.slice(0, 4)) context.fillRect(x - 8, y - 4, 16, 8);
    }
    requestAnimationFrame(draw);
  };
  draw();
  return canvas.captureStream(30);
}

const cam = new ShownCam();
const refusals = { 'camera-denied': 'NotAllowedError', 'camera-not-found': 'NotFoundError' };
if (state in refusals) {
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException('A picture is taken.', refusals[state]));
} else {
  navigator.mediaDevices.getUserMedia = () => Promise.resolve(drawnStream());
}
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
  const wanted = state in FACES ? 'running' : state in refusals ? 'error' : state;
  const isThere = () =>
    cam.state === (wanted === 'internal' ? 'error' : wanted) &&
    (wanted !== 'running' || cam.stats !== undefined);
  while (!isThere()) await new Promise((resolve) => requestAnimationFrame(resolve));
  if (state === 'paused') cam.pause();
  if (state === 'heatmap')
    while (cam.renderRoot.querySelector('.heatmap')?.width !== 640)
      await new Promise(requestAnimationFrame);
  await cam.updateComplete;
}
await show();
document.body.dataset.is = 'there';
