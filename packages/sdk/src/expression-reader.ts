import type { Baseline } from './baseline.js';
import { rollDegrees } from './face-crop.js';
import type { ClassifiedFace, ClassifiedFrame } from './pipeline.js';
import type { ModelManifest } from './network/manifest.js';
import type { FaceReading, RecognitionResult, Scores } from './reading.js';
import type { ResolvedOptions } from './recognizer-options.js';
import { softmax } from './softmax.js';
import { LONGEST_ABSENCE_MS } from './tracker.js';

/** What is remembered of a face from frame to frame. */
interface Memory {
  /** Probabilities in the order of the labels. */
  smoothed: readonly number[];
  /** Index of the expression that is shown. */
  shown: number;
  timestampMs: number;
}

type Options = Pick<ResolvedOptions, 'mode' | 'smoothingMs' | 'switchMargin' | 'minConfidence'>;

/**
 * Makes readings of logits: calibrates them, smooths them over time and chooses the expression to
 * show. Time is that of the frames, so that the readings do not depend on how many frames a second
 * there are.
 */
export class ExpressionReader {
  /** Taken into account from the next frame on. */
  baseline: Baseline | undefined;
  #manifest: Pick<ModelManifest, 'labels' | 'temperature'>;
  readonly #options: Options;
  /** By the id of the face. */
  readonly #memories: Map<number, Memory> = new Map();

  constructor(manifest: Pick<ModelManifest, 'labels' | 'temperature'>, options: Options) {
    this.#manifest = manifest;
    this.#options = options;
  }

  /** Goes on with the logits of another model, which has the same labels. */
  setManifest(manifest: Pick<ModelManifest, 'labels' | 'temperature'>): void {
    this.#manifest = manifest;
  }

  read({ faces, ...frame }: ClassifiedFrame): RecognitionResult {
    const readings = faces.map((face) => this.#readFace(face, frame.timestampMs));
    for (const [id, { timestampMs }] of this.#memories) {
      const isGone = Math.abs(frame.timestampMs - timestampMs) > LONGEST_ABSENCE_MS;
      if (isGone) this.#memories.delete(id); // the id will not come again
    }
    return { faces: readings, ...frame };
  }

  #readFace({ score, logits, ...face }: ClassifiedFace, timestampMs: number): FaceReading {
    const { labels, temperature } = this.#manifest;
    const { baseline } = this;
    const atRest = (i: number): number => (baseline ? baseline[labels[i]!] * temperature : 0);
    const calibrated = softmax(
      logits.map((logit, i) => logit - atRest(i)),
      temperature,
    );
    const { smoothed, shown } = this.#remember(face.id, calibrated, timestampMs);
    const toScores = (probabilities: readonly number[]): Scores =>
      Object.fromEntries(labels.map((label, i) => [label, probabilities[i]!])) as Scores;
    return {
      ...face,
      detectionScore: score,
      rollDegrees: rollDegrees(face.keyPoints[0], face.keyPoints[1]),
      emotion: labels[shown]!,
      isUncertain: smoothed[shown]! < this.#options.minConfidence,
      scores: toScores(smoothed),
      calibratedScores: toScores(calibrated),
      rawScores: toScores(softmax(logits, 1)),
      logits,
    };
  }

  #remember(id: number, probabilities: readonly number[], timestampMs: number): Memory {
    const { mode, smoothingMs, switchMargin } = this.#options;
    const before = this.#memories.get(id);
    if (!before || mode === 'image') {
      const first = { smoothed: probabilities, shown: highest(probabilities), timestampMs };
      if (mode === 'video') this.#memories.set(id, first);
      return first;
    }
    // First-order low-pass filter: what is older than the time constant counts for less than 1/e.
    const elapsedMs = Math.max(0, timestampMs - before.timestampMs);
    const weight = smoothingMs > 0 ? 1 - Math.exp(-elapsedMs / smoothingMs) : 1;
    const smoothed = before.smoothed.map((old, i) => old + weight * (probabilities[i]! - old));
    const leader = highest(smoothed);
    const isClear = smoothed[leader]! >= smoothed[before.shown]! + switchMargin;
    const memory = { smoothed, shown: isClear ? leader : before.shown, timestampMs };
    this.#memories.set(id, memory);
    return memory;
  }
}

/** Index of the highest number, the first of several. */
function highest(numbers: readonly number[]): number {
  return numbers.indexOf(Math.max(...numbers));
}
