import type { Backend } from './backend.js';
import { EmotionCamError } from './errors.js';
import { rollDegrees } from './face-crop.js';
import type { Box, DetectedFace } from './face-detector.js';
import {
  FacePipeline,
  type ClassifiedFace,
  type ClassifiedFrame,
  type FrameTimings,
} from './face-pipeline.js';
import type { Frame, FrameSize } from './frame.js';
import type { Emotion, ModelManifest } from './network/index.js';
import { resolveOptions, type RecognizerOptions } from './recognizer-options.js';
import { softmax } from './softmax.js';

/** A face and its expression. */
export interface FaceReading {
  /**
   * The same in every frame in which the face is followed, even if it was hidden for up to a second;
   * never given to another. In image mode its place in the list, from 1.
   */
  readonly id: number;
  /** In pixels of the frame; it may reach beyond the frame's edges. Steadied in video mode. */
  readonly box: Box;
  /**
   * In pixels of the frame, "left" and "right" as seen in it: left eye (the person's right), right
   * eye, tip of the nose, mouth, left ear, right ear. Steadied in video mode.
   */
  readonly keyPoints: DetectedFace['keyPoints'];
  /** How sure the face detector is, 0..1. */
  readonly detectionScore: number;
  /** Tilt of the line between the eyes, clockwise as seen. */
  readonly rollDegrees: number;
  /** The likeliest expression. */
  readonly emotion: Emotion;
  /** Probability of each expression; they add up to 1. */
  readonly scores: Readonly<Record<Emotion, number>>;
  /** What the network gave before temperature and softmax, in the order of `manifest.labels`. */
  readonly logits: Float32Array;
}

/** What was recognised in one frame. */
export interface RecognitionResult {
  /**
   * Up to `maxFaces`, the largest first; of two that are about as large, the one that was first before
   * stays so. Empty where there is none.
   */
  readonly faces: readonly FaceReading[];
  readonly timestampMs: number;
  readonly timings: FrameTimings;
  /** Size of the frame in pixels. */
  readonly frame: FrameSize;
}

/** Recognises facial expressions in frames; needs no element and no DOM tree. */
export class EmotionRecognizer {
  readonly #pipeline: FacePipeline;
  #isDisposed = false;

  private constructor(pipeline: FacePipeline) {
    this.#pipeline = pipeline;
  }

  /**
   * Loads everything and runs detector and network once, so that the first frame is as quick as the others.
   *
   * @throws {EmotionCamError} `option-invalid`, `backend-unavailable`, `asset-unreachable`,
   *   `face-model-failed`, `manifest-…`, `weights-…`
   * @throws the signal's reason, if it is aborted
   */
  static async create(options: RecognizerOptions = {}): Promise<EmotionRecognizer> {
    return new EmotionRecognizer(await FacePipeline.create(resolveOptions(options)));
  }

  /** Where the network runs, and why there. */
  get backend(): Backend {
    return this.#pipeline.backend;
  }

  /** The model's labels, input size, metrics and terms. */
  get manifest(): ModelManifest {
    return this.#pipeline.manifest;
  }

  /** How many tensors TensorFlow.js holds in this page; the same after every frame. */
  get numTensors(): number {
    return this.#pipeline.numTensors;
  }

  /**
   * Finds the largest faces, up to `maxFaces`, and their expressions.
   *
   * The frame is read before the promise is returned: it may be closed or drawn over right after the
   * call. Calls may overlap; each has its own result. They do not wait for each other, so a caller
   * that is faster than the network should wait for the result before it passes the next frame.
   *
   * @param timestampMs - when the frame was shown, handed on. In video mode it says how far faces can
   *   have moved, and one before the last begins a new sequence. Default: now
   * @throws {EmotionCamError} `frame-empty`, `recognizer-disposed`, `internal`
   */
  async recognize(
    frame: Frame,
    timestampMs: number = performance.now(),
  ): Promise<RecognitionResult> {
    if (this.#isDisposed) {
      throw new EmotionCamError(
        'recognizer-disposed',
        'recognize() was called after dispose(). Make a new one with EmotionRecognizer.create().',
      );
    }
    try {
      return this.#read(await this.#pipeline.process(frame, timestampMs));
    } catch (cause) {
      if (cause instanceof EmotionCamError) throw cause;
      throw new EmotionCamError(
        'internal',
        `The ${this.backend.name} back end or the face detector failed on a frame: ${String(cause)}. ` +
          'A graphics card that was reset does this: make a new recognizer.',
        { cause },
      );
    }
  }

  /** Frees weights and detector. Results of calls in flight still come. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#pipeline.dispose();
  }

  #read({ faces, ...frame }: ClassifiedFrame): RecognitionResult {
    return { faces: faces.map((face) => this.#readFace(face)), ...frame };
  }

  #readFace({ id, box, keyPoints, score, logits }: ClassifiedFace): FaceReading {
    const { labels, temperature } = this.manifest;
    const probabilities = softmax(logits, temperature);
    const scores = Object.fromEntries(labels.map((label, i) => [label, probabilities[i]!]));
    return {
      id,
      box,
      keyPoints,
      detectionScore: score,
      rollDegrees: rollDegrees(keyPoints[0], keyPoints[1]),
      emotion: labels[probabilities.indexOf(Math.max(...probabilities))]!,
      scores: scores as Record<Emotion, number>,
      logits,
    };
  }
}
