import { EmotionCam, type EmotionCamErrorCode } from 'emotion-cam/define.js';
import { Recorder } from './recorder.js';

/**
 * The demo page. Its address chooses what it starts with:
 * `?source=camera|clip&backend=auto|webgpu|wasm|cpu&model=auto|full|lite`.
 */

const CLIP = './clip.webm';
const SOURCES = ['camera', 'clip'] as const;
const BACKENDS = ['auto', 'webgpu', 'wasm', 'cpu'] as const;
const MODELS = ['full', 'lite', 'auto'] as const;

type Source = (typeof SOURCES)[number];

/** The page can have no camera at all: the clip is shown instead. */
const NO_CAMERA: readonly EmotionCamErrorCode[] = [
  'camera-not-found',
  'camera-unsupported',
  'camera-insecure-page',
];

const cam = element('cam', EmotionCam);
const controls = element('controls', HTMLFormElement);
const stop = element('stop', HTMLButtonElement);
const options = element('options', HTMLFormElement);
const heatMap = element('heatmap', HTMLInputElement);
const recorder = new Recorder(cam, element('record', HTMLButtonElement), [
  ...options.querySelectorAll<HTMLButtonElement>('button[value]'),
]);
const note = element('note', HTMLElement);
const backEnd = element('backend', HTMLElement);
const reason = element('reason', HTMLElement);
const frameTime = element('frame-time', HTMLElement);
const frameRate = element('frame-rate', HTMLElement);

cam.addEventListener('ready', ({ backend }) => {
  const { name, threads = 1 } = backend;
  backEnd.textContent = threads > 1 ? `${name}, ${threads} threads` : name;
  reason.textContent = backend.reason;
  stop.disabled = false;
});
cam.addEventListener('emotion', () => {
  if (!cam.stats) return;
  const { frameMs, detectMs, networkMs, fps } = cam.stats;
  frameTime.textContent = `${frameMs.toFixed(0)} ms (face ${detectMs.toFixed(0)}, network ${networkMs.toFixed(0)})`;
  frameRate.textContent = fps > 0 ? fps.toFixed(1) : '–';
});
cam.addEventListener('face-lost', clearTimes);
cam.addEventListener('error', ({ error }) => {
  clearTimes();
  recorder.stop();
  if (cam.src === '' && NO_CAMERA.includes(error.code)) {
    fallBack(`${error.message} Meanwhile, this is a recorded clip.`);
  }
});

controls.addEventListener('change', () => {
  const source = oneOf(SOURCES, new FormData(controls).get('source'));
  if (source) show(source);
});
options.addEventListener('change', () => {
  const model = oneOf(MODELS, new FormData(options).get('model'));
  if (model && model !== cam.model) {
    cam.model = model;
    recorder.stop(); // it ends with the model
  }
  cam.overlay = heatMap.checked ? 'box label bars heatmap' : 'box label bars';
});
stop.addEventListener('click', () => {
  cam.stop();
  recorder.stop();
  clearTimes();
  stop.disabled = true;
});

const parameters = new URLSearchParams(location.search);
cam.backend = oneOf(BACKENDS, parameters.get('backend')) ?? 'auto';
cam.model = oneOf(MODELS, parameters.get('model')) ?? 'full';
for (const input of options.querySelectorAll<HTMLInputElement>('[name=model]')) {
  input.checked = input.value === cam.model;
}
const wanted = oneOf(SOURCES, parameters.get('source')) ?? 'camera';
if (wanted === 'camera' && !(await hasCamera()))
  fallBack('There is no camera on this device, so this is a recorded clip.');
else show(wanted);

function show(source: Source): void {
  for (const input of controls.querySelectorAll('input')) input.checked = input.value === source;
  note.hidden = true;
  stop.disabled = false;
  clearTimes();
  cam.src = source === 'clip' ? CLIP : '';
  recorder.stop();
  cam.start().catch(() => undefined); // the element says on screen what failed
}

/** No face is being read: the last times say nothing any more. */
function clearTimes(): void {
  frameTime.textContent = '–';
  frameRate.textContent = '–';
}

/** @param sentence why it is not the camera */
function fallBack(sentence: string): void {
  show('clip');
  note.textContent = sentence;
  note.hidden = false;
}

/** True also where the browser does not say: then the element asks for it. */
async function hasCamera(): Promise<boolean> {
  const devices = navigator.mediaDevices as MediaDevices | undefined; // missing on insecure pages
  if (typeof devices?.enumerateDevices !== 'function') return true;
  const kinds = await devices.enumerateDevices().catch(() => undefined);
  return kinds?.some(({ kind }) => kind === 'videoinput') ?? true;
}

function oneOf<T extends string>(choices: readonly T[], wanted: unknown): T | undefined {
  return choices.find((choice) => choice === wanted);
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html has no ${type.name} with the id ${id}.`);
}
