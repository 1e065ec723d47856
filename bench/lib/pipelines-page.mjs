/* global document */
/**
 * The page's part of bench/peers-wasm: pictures in, a face and its expression out, by this project and by two
 * others, all on WebAssembly in the page's own thread, so that nothing but the work is measured. All of them
 * look for a face and read it in every frame: whatever would save one of them work is switched off.
 */
/** @typedef {(picture: HTMLCanvasElement, timestampMs: number) => Promise<string | undefined>} Read the expression; none: no face */

/** @param {string} model @returns {Promise<Read>} */
async function ours(model) {
  const { EmotionRecognizer } = await import('/packages/sdk/dist/emotion-cam.bundle.js');
  const options = { backend: 'wasm', thread: 'main', detectionIntervalMs: 0, cache: false };
  const recognizer = await EmotionRecognizer.create({ ...options, model });
  return async (picture, timestampMs) => {
    const { faces } = await recognizer.recognize(picture, timestampMs);
    return faces[0]?.emotion;
  };
}

/** @param {{ human: string, tfjsWasm: string }} files addresses of folders @returns {Promise<Read>} */
async function human({ human: folder, tfjsWasm }) {
  const { Human } = await import(`${folder}dist/human.esm.js`);
  const always = { skipFrames: 0, skipTime: 0 };
  const off = { enabled: false };
  const instance = new Human({
    backend: 'wasm',
    wasmPath: tfjsWasm,
    modelBasePath: `${folder}models/`,
    cacheSensitivity: 0,
    filter: off,
    face: {
      detector: { maxDetected: 1, rotation: false, ...always },
      mesh: off,
      iris: off,
      description: off,
      emotion: { enabled: true, ...always },
    },
    body: off,
    hand: off,
    gesture: off,
  });
  await instance.load();
  return async (picture) => {
    const { face, error } = await instance.detect(picture);
    if (error) throw new Error(error);
    return face[0]?.emotion?.[0]?.emotion;
  };
}

/** @param {{ faceApi: string, tfjsWasm: string }} files addresses of folders @returns {Promise<Read>} */
async function faceApi({ faceApi: folder, tfjsWasm }) {
  const api = await import(`${folder}dist/face-api.esm.js`);
  api.tf.setWasmPaths(tfjsWasm);
  await api.tf.setBackend('wasm');
  await api.nets.tinyFaceDetector.loadFromUri(`${folder}model/`);
  await api.nets.faceExpressionNet.loadFromUri(`${folder}model/`);
  const options = new api.TinyFaceDetectorOptions();
  return async (picture) => {
    const found = await api.detectSingleFace(picture, options).withFaceExpressions();
    return found?.expressions.asSortedArray()[0].expression;
  };
}

/** Starts by name. @type {Record<string, (files: Record<string, string>) => Promise<Read>>} */
const PIPELINES = {
  'emotion-cam, full': () => ours('full'),
  'emotion-cam, lite': () => ours('lite'),
  '@vladmandic/human': human,
  '@vladmandic/face-api': faceApi,
};

/** The clip as a canvas that shows the frame of a given time. */
async function openClip() {
  const video = Object.assign(document.createElement('video'), { muted: true });
  const until = (type) =>
    new Promise((resolve) => {
      video.addEventListener(type, resolve, { once: true });
    });
  video.src = URL.createObjectURL(await (await fetch('/e2e/fixtures/clip.webm')).blob());
  await until('loadeddata');
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  const context = canvas.getContext('2d');
  return async (seconds) => {
    const sought = until('seeked');
    video.currentTime = seconds;
    await sought;
    context.drawImage(video, 0, 0);
    return canvas;
  };
}

/**
 * @param {string} name of the pipeline
 * @param {Record<'human' | 'faceApi' | 'tfjsWasm', string>} files addresses of folders
 * @returns {Promise<(seconds: number) => Promise<{ tookMs: number, expression: string | undefined }>>} reads
 *   the clip's frame of that time
 */
export async function openPipeline(name, files) {
  const read = await PIPELINES[name](files);
  const show = await openClip();
  return async (seconds) => {
    const canvas = await show(seconds);
    const began = performance.now();
    const expression = await read(canvas, seconds * 1000);
    return { tookMs: performance.now() - began, expression };
  };
}
