/** How a {@link OneEuroFilter} weighs jitter against lag. */
export interface OneEuroParameters {
  /** Cutoff frequency of a value at rest, in hertz: lower is steadier. */
  readonly minCutoffHz: number;
  /** What the cutoff gains with speed, in hertz for each unit a second: higher lags less. */
  readonly cutoffHzPerSpeed: number;
  /** Cutoff frequency of the speed itself, in hertz. */
  readonly speedCutoffHz: number;
  /**
   * By how much a measurement jitters at most, in the same unit: a filtered value is never further
   * from the measured one, and a filtered speed from that between two measurements by no more than
   * their jitter explains. So what moves is followed as closely at 5 steps a second as at 60.
   * Default: no limit.
   */
  readonly largestJitter?: number;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** Weight of the newest value in exponential smoothing with a cutoff, for a step of so many seconds. */
function weight(cutoffHz: number, elapsedSeconds: number): number {
  const ratio = 2 * Math.PI * cutoffHz * elapsedSeconds;
  return ratio / (ratio + 1);
}

/**
 * Steadies numbers that jitter: a low-pass filter whose cutoff rises with the speed of a value, so
 * that it is steady at rest and quick in motion. Casiez, Roussel, Vogel, "1€ Filter: A Simple
 * Speed-based Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012, algorithm 1
 * (doi:10.1145/2207676.2208639); each value is filtered by itself. Speeds are those of the unfiltered
 * values, as in the authors' program: those of filtered ones would count the lag as motion.
 */
export class OneEuroFilter {
  readonly #parameters: OneEuroParameters;
  readonly #measured: Float64Array;
  readonly #values: Float64Array;
  readonly #speeds: Float64Array;

  /** @param values - the first measurement, which is taken as it is, at rest */
  constructor(values: readonly number[], parameters: OneEuroParameters) {
    this.#parameters = parameters;
    this.#measured = Float64Array.from(values);
    this.#values = Float64Array.from(values);
    this.#speeds = new Float64Array(values.length);
  }

  /** The filtered values. */
  get values(): readonly number[] {
    return Array.from(this.#values);
  }

  /** How fast the values change, filtered, in their own units a second. */
  get speeds(): readonly number[] {
    return Array.from(this.#speeds);
  }

  /**
   * Takes the next measurement.
   *
   * @param elapsedSeconds - since the last one; where no time has passed, nothing changes
   * @param unit - what speeds are measured in: with the size of the thing that moves, the same
   *   parameters fit near and far things
   */
  update(values: readonly number[], elapsedSeconds: number, unit: number = 1): void {
    if (elapsedSeconds <= 0) return;
    const { minCutoffHz, cutoffHzPerSpeed, speedCutoffHz } = this.#parameters;
    const jitter = (this.#parameters.largestJitter ?? Infinity) * unit;
    const speedJitter = (2 * jitter) / elapsedSeconds; // of two measurements
    const speedWeight = weight(speedCutoffHz, elapsedSeconds);
    for (const [i, measured] of values.entries()) {
      const speed = (measured - this.#measured[i]!) / elapsedSeconds;
      this.#measured[i] = measured;
      const smooth = this.#speeds[i]! + speedWeight * (speed - this.#speeds[i]!);
      this.#speeds[i] = clamp(smooth, speed - speedJitter, speed + speedJitter);
      const cutoffHz = minCutoffHz + (cutoffHzPerSpeed * Math.abs(this.#speeds[i])) / unit;
      const value =
        this.#values[i]! + weight(cutoffHz, elapsedSeconds) * (measured - this.#values[i]!);
      this.#values[i] = clamp(value, measured - jitter, measured + jitter);
    }
  }
}
