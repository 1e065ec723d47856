import { shown } from './check-option.js';
import { EmotionCamError } from './errors.js';
import { EMOTIONS } from './network/emotions.js';
import type { ModelManifest } from './network/manifest.js';
import type { FaceReading, RecognitionResult, Scores } from './reading.js';
import { softmax } from './softmax.js';

/**
 * How much more one person's face at rest looks like each expression than a neutral face should: what
 * is taken off the logarithm of each probability, 0 or more and 0 for neutral. Plain data, to be kept
 * for the next visit.
 */
export type Baseline = Scores;

/** @throws {EmotionCamError} `option-invalid`: not what `calibrate` gives */
export function checkBaseline(baseline: Baseline): void {
  const wrong = EMOTIONS.find((emotion) => {
    const offset: unknown = baseline[emotion];
    return typeof offset !== 'number' || !(offset >= 0 && offset < Infinity);
  });
  if (wrong === undefined) return;
  throw new EmotionCamError(
    'option-invalid',
    `The baseline has ${shown(baseline[wrong])} for ${wrong}, expected a number of 0 or more for each ` +
      'of the seven expressions, as calibrate() gives them.',
  );
}

/** At rest, neutral should be at least so many times as likely as any other expression. */
const NEUTRAL_LEAD = 10;

/** No more is taken off than this, so that a clear expression still shows: a factor of 20. */
const LARGEST_OFFSET = Math.log(20);

/** Fewer readings say nothing about a face. */
const FEWEST_READINGS = 5;

/** Collects readings of one person's neutral face. */
export class BaselineMeasurement {
  readonly #durationMs: number;
  readonly #manifest: Pick<ModelManifest, 'labels' | 'temperature'>;
  readonly #readings: FaceReading[] = [];
  #startMs: number | undefined;

  constructor(durationMs: number, manifest: Pick<ModelManifest, 'labels' | 'temperature'>) {
    this.#durationMs = durationMs;
    this.#manifest = manifest;
  }

  /**
   * Takes the face in front of a frame.
   *
   * @returns true once the time is over; it begins with the first frame
   */
  add({ faces, timestampMs }: RecognitionResult): boolean {
    this.#startMs ??= timestampMs;
    const [face] = faces;
    if (face) this.#readings.push(face);
    return timestampMs - this.#startMs >= this.#durationMs;
  }

  /** @throws {EmotionCamError} `calibration-failed`: too few faces, or several */
  finish(): Baseline {
    const ids = new Set(this.#readings.map(({ id }) => id));
    if (ids.size > 1) {
      throw failure('the face in front changed', 'one person who stays in view');
    }
    if (this.#readings.length < FEWEST_READINGS) {
      const got = `a face was seen in ${this.#readings.length} frames`;
      throw failure(got, `at least ${FEWEST_READINGS}`);
    }
    const { labels, temperature } = this.#manifest;
    const logarithms = this.#readings.map(({ logits }) =>
      softmax(logits, temperature).map((probability) => Math.log(Math.max(probability, 1e-12))),
    );
    const mean = labels.map(
      (_, i) => logarithms.reduce((sum, row) => sum + row[i]!, 0) / logarithms.length,
    );
    const highest = mean[labels.indexOf('neutral')]! - Math.log(NEUTRAL_LEAD);
    return Object.fromEntries(
      labels.map((label, i) => {
        const excess = Math.min(LARGEST_OFFSET, Math.max(0, mean[i]! - highest));
        return [label, label === 'neutral' ? 0 : excess];
      }),
    ) as Baseline;
  }
}

function failure(got: string, expected: string): EmotionCamError {
  return new EmotionCamError(
    'calibration-failed',
    `The calibration found no baseline: ${got}, expected ${expected}. Look into the camera with a ` +
      'relaxed face and try again.',
  );
}
