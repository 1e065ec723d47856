import { EmotionCam, type EmotionCamErrorCode } from 'emotion-cam/define.js';
import { LiveTimeline } from './live-timeline.js';
import { oneOf } from './one-of.js';
import { pageElement } from './page-element.js';
import { Recorder } from './recorder.js';
import { saveFile } from './save-file.js';
import { Speed } from './speed.js';
import { acceptVideoFiles } from './video-files.js';
import { watchState } from './watch-state.js';

/**
 * The demo page. Its address chooses what it starts with:
 * `?source=camera|clip&backend=auto|webgpu|wasm|cpu&model=auto|full|lite&faces=1|2|3|4`.
 */

const CLIP = './clip.webm';
const SOURCES = ['camera', 'clip'] as const;
const BACKENDS = ['auto', 'webgpu', 'wasm', 'cpu'] as const;
const MODELS = ['full', 'lite', 'auto'] as const;
const FACES = ['1', '2', '3', '4'] as const;

/** The page can have no camera at all: the clip is shown instead. */
const NO_CAMERA: readonly EmotionCamErrorCode[] = [
  'camera-not-found',
  'camera-unsupported',
  'camera-insecure-page',
];

const cam = pageElement('#cam', EmotionCam);
const sources = pageElement('#source', HTMLFormElement);
const stop = pageElement('#stop', HTMLButtonElement);
const options = pageElement('#options', HTMLFormElement);
const snapshot = pageElement('#snapshot', HTMLButtonElement);
const note = pageElement('#note', HTMLElement);
const timeline = new LiveTimeline(cam, pageElement('#timeline', HTMLElement));
const speed = new Speed(cam);
const recorder = new Recorder(cam, pageElement('#record', HTMLButtonElement), [
  ...document.querySelectorAll<HTMLButtonElement>('#exports button'),
]);

watchState(cam, (state) => {
  stop.disabled = state === 'idle' || state === 'error';
  snapshot.disabled = state !== 'running' && state !== 'paused';
});
cam.addEventListener('error', ({ error }) => {
  endRun();
  if (cam.src === '' && NO_CAMERA.includes(error.code)) {
    show(CLIP, `${error.message} Meanwhile, this is a recorded clip.`);
  }
});

sources.addEventListener('change', () => {
  const source = oneOf(SOURCES, new FormData(sources).get('source'));
  if (source) show(source === 'clip' ? CLIP : '');
});
acceptVideoFiles(pageElement('#file', HTMLInputElement), {
  onVideo: (address, name) => show(address, `${name} is read on this device and sent nowhere.`),
  onOther: tell,
});
stop.addEventListener('click', () => {
  cam.stop();
  endRun();
});
options.addEventListener('change', () => {
  applyOptions(new FormData(options));
});
snapshot.addEventListener('click', () => void takeSnapshot());

const wanted = new URLSearchParams(location.search);
applyOptions(wanted);
for (const select of options.querySelectorAll('select')) {
  select.value = { model: cam.model, backend: cam.backend, faces: `${cam.maxFaces}` }[select.name]!;
}
const source = oneOf(SOURCES, wanted.get('source')) ?? 'camera';
if (source === 'clip') show(CLIP);
else if (await hasCamera()) show('');
else show(CLIP, 'There is no camera on this device, so this is a recorded clip.');

/**
 * @param src - of a video; empty: the camera
 * @param sentence - what there is to say of it
 */
function show(src: string, sentence = ''): void {
  const value = { '': 'camera', [CLIP]: 'clip' }[src];
  for (const input of sources.querySelectorAll<HTMLInputElement>('[type=radio]')) {
    input.checked = input.value === value;
  }
  tell(sentence);
  timeline.clear();
  endRun();
  cam.src = src;
  cam.start().catch(() => undefined); // the element says on screen what failed
}

function tell(sentence: string): void {
  note.textContent = sentence;
  note.hidden = sentence === '';
}

/** What belongs to the run before ends with it. */
function endRun(): void {
  recorder.stop();
  speed.clear();
}

/** @param chosen - `model`, `backend`, `faces` and `heatmap`; what is missing or unknown is the default */
function applyOptions(chosen: Pick<FormData, 'get' | 'has'>): void {
  const backend = oneOf(BACKENDS, chosen.get('backend')) ?? 'auto';
  const model = oneOf(MODELS, chosen.get('model')) ?? 'auto';
  const maxFaces = Number(oneOf(FACES, chosen.get('faces')) ?? '1');
  if (backend !== cam.backend || model !== cam.model || maxFaces !== cam.maxFaces) {
    recorder.stop(); // it ends with the recognizer
  }
  Object.assign(cam, { backend, model, maxFaces });
  cam.overlay = chosen.has('heatmap') ? 'box label bars heatmap' : 'box label bars';
}

async function takeSnapshot(): Promise<void> {
  try {
    saveFile(await cam.snapshot(), 'emotion-cam.png');
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
}

/** True also where the browser does not say: then the element asks for it. */
async function hasCamera(): Promise<boolean> {
  const devices = navigator.mediaDevices as MediaDevices | undefined; // missing on insecure pages
  if (typeof devices?.enumerateDevices !== 'function') return true;
  const kinds = await devices.enumerateDevices().catch(() => undefined);
  return kinds?.some(({ kind }) => kind === 'videoinput') ?? true;
}
