import type { FaceDetector as MediaPipeDetector } from '@mediapipe/tasks-vision';
import type { AssetUrls } from './assets.js';
import { loadAsset } from './asset-files.js';
import { EmotionCamError } from './errors.js';
import type { Point } from './face-crop.js';
import { frameSize, type Frame } from './frame.js';

/** A rectangle in pixels of the frame, `x` and `y` its upper left corner; it may reach beyond the frame's edges. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A face that was found. */
export interface DetectedFace {
  readonly box: Box;
  /**
   * In pixels of the frame, "left" and "right" as seen in it: left eye (the person's right), right
   * eye, tip of the nose, mouth, left ear, right ear.
   */
  readonly keyPoints: readonly [Point, Point, Point, Point, Point, Point];
  /** How sure the detector is, 0..1. */
  readonly score: number;
}

/** How a {@link FaceDetector} is made. */
export interface FaceDetectorOptions {
  readonly urls: Pick<AssetUrls, 'faceDetector' | 'mediapipe'>;
  /** Least score of a face, 0..1. Default: 0.5. */
  readonly minDetectionConfidence?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const KEY_POINTS = 6;

/** That MediaPipe reads frames with; a page's own, because not every browser has the other in WebGL. */
function createWebGlCanvas(): HTMLCanvasElement | OffscreenCanvas {
  return typeof document === 'undefined'
    ? new OffscreenCanvas(1, 1)
    : document.createElement('canvas');
}

/**
 * MediaPipe starts without WebGL and fails at the first frame. It has made the context by then, so that
 * asking for one makes none.
 *
 * @throws {EmotionCamError} `backend-unavailable`
 */
function checkWebGl(canvas: HTMLCanvasElement | OffscreenCanvas): void {
  if (canvas.getContext('webgl2') ?? canvas.getContext('webgl')) return;
  throw new EmotionCamError(
    'backend-unavailable',
    'This browser gives pages no WebGL, with which the face detector reads frames. Switch hardware ' +
      'acceleration on in its settings (about:support in Firefox and chrome://gpu in Chrome say why it is ' +
      'off), or use another browser.',
  );
}

const WASM = 'vision_wasm_module_internal.wasm';

/** For MediaPipe, which loads no files of its own where {@link provideModule} has been. */
const NO_FILES = { wasmLoaderPath: '', wasmBinaryPath: '' };

/**
 * Does what MediaPipe's loader would do, which takes scripts by address: webpack leaves those out, and nobody
 * checks them. The loader's own script hands its function over in the same global variable.
 *
 * @param wasm - content of MediaPipe's wasm file
 * @throws {WebAssembly.CompileError} the page's policy lets none be compiled, or this is none
 */
async function provideModule(wasm: BufferSource): Promise<void> {
  const [{ ModuleFactory }, module] = await Promise.all([
    import('../vendor/mediapipe-module.js'),
    WebAssembly.compile(wasm),
  ]);
  const create: typeof ModuleFactory = (options) =>
    ModuleFactory({
      ...options,
      instantiateWasm: (imports, done) => {
        void WebAssembly.instantiate(module, imports).then((instance) => done(instance, module));
      },
    });
  Object.assign(globalThis, { ModuleFactory: create });
}

/** Finds faces with BlazeFace (MediaPipe Tasks), on the CPU: about 10 ms a frame. */
export class FaceDetector {
  /** Resolves if the browser takes the WebGL context away: nothing is found any more then. */
  readonly lost: Promise<void>;
  readonly #detector: MediaPipeDetector;

  private constructor(detector: MediaPipeDetector, canvas: EventTarget) {
    this.#detector = detector;
    this.lost = new Promise((resolve) => {
      canvas.addEventListener('webglcontextlost', () => resolve(), { once: true });
    });
  }

  /**
   * @throws {EmotionCamError} `asset-unreachable`; `asset-hash`; `face-model-failed`: MediaPipe refuses
   *   its files; `backend-unavailable`: the browser has no WebGL
   * @throws the signal's reason, if it is aborted
   */
  static async create({
    urls,
    minDetectionConfidence = 0.5,
    signal,
  }: FaceDetectorOptions): Promise<FaceDetector> {
    const wasmUrl = new URL(WASM, urls.mediapipe);
    const [model, wasm] = await Promise.all([
      loadAsset('blaze_face_short_range.tflite', urls.faceDetector, signal),
      loadAsset(WASM, wasmUrl, signal),
    ]);
    const canvas = createWebGlCanvas();
    try {
      const [{ FaceDetector: MediaPipe }] = await Promise.all([
        import('@mediapipe/tasks-vision'),
        provideModule(wasm),
      ]);
      const detector = await MediaPipe.createFromOptions(NO_FILES, {
        canvas,
        baseOptions: { modelAssetBuffer: model, delegate: 'CPU' },
        runningMode: 'IMAGE', // takes frames in any order; BlazeFace does not track in either mode
        minDetectionConfidence,
      });
      if (signal?.aborted) detector.close(); // nobody gets it: `finally` throws
      checkWebGl(canvas);
      return new FaceDetector(detector, canvas);
    } catch (cause) {
      if (cause instanceof EmotionCamError) throw cause;
      throw new EmotionCamError(
        'face-model-failed',
        `MediaPipe's face detector did not start with ${wasmUrl.href} and ${urls.faceDetector.href} ` +
          `(${wasm.length} and ${model.length} bytes). Check that the content security policy allows ` +
          "'wasm-unsafe-eval'.",
        { cause },
      );
    } finally {
      signal?.throwIfAborted();
    }
  }

  /**
   * The faces in a frame, largest first.
   *
   * @throws {EmotionCamError} `frame-empty`
   */
  detect(frame: Frame): DetectedFace[] {
    const { width, height } = frameSize(frame);
    const { detections } = this.#detector.detect(frame);
    const faces: DetectedFace[] = [];
    for (const { boundingBox, keypoints, categories } of detections) {
      if (!boundingBox || keypoints.length < KEY_POINTS) continue; // optional in MediaPipe's types only
      faces.push({
        box: {
          x: boundingBox.originX,
          y: boundingBox.originY,
          width: boundingBox.width,
          height: boundingBox.height,
        },
        keyPoints: keypoints.slice(0, KEY_POINTS).map(({ x, y }) => ({
          x: x * width,
          y: y * height,
        })) as unknown as DetectedFace['keyPoints'],
        score: categories[0]?.score ?? 0,
      });
    }
    return faces.sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
  }

  dispose(): void {
    this.#detector.close();
  }
}
