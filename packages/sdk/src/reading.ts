import type { Box, DetectedFace } from './face-detector.js';
import type { FrameTimings } from './pipeline.js';
import type { FrameSize } from './frame.js';
import type { Emotion } from './network/emotions.js';

/** A number for each expression. */
export type Scores = Readonly<Record<Emotion, number>>;

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
  /**
   * The expression to show: the one with the highest of `scores`, which gives way to another only when
   * that leads by `switchMargin`.
   */
  readonly emotion: Emotion;
  /** The score of `emotion` is below `minConfidence`: better shown as "unclear" than as a fact. */
  readonly isUncertain: boolean;
  /** Probability of each expression, smoothed over time; they add up to 1. In image mode, of the frame. */
  readonly scores: Scores;
  /** The same of this frame alone: calibrated by the model's temperature and the baseline, if any. */
  readonly calibratedScores: Scores;
  /** The softmax of what the network gave, without temperature, baseline or smoothing. */
  readonly rawScores: Scores;
  /** What the network gave, in the order of `manifest.labels`. */
  readonly logits: Float32Array;
}

/** What was recognised in one frame. */
export interface RecognitionResult {
  /**
   * Up to `maxFaces`, the largest first; of two that are about as large, the one that was first before
   * stays so. Empty where there is none.
   */
  readonly faces: readonly FaceReading[];
  /**
   * When the frame was shown: what `recognize` was called with. From the element and by default on
   * the clock of `performance.now()`.
   */
  readonly timestampMs: number;
  /** How long the work took, in milliseconds. */
  readonly timings: FrameTimings;
  /** Size of the frame in pixels. */
  readonly frame: FrameSize;
}
