import { createRng } from '../rng.js';

/** Images that are drawn together: a single one, or a subject's. */
export interface BootstrapUnit {
  readonly images: number;
  /** Images that the first classifies correctly, minus those that the second does. */
  readonly difference: number;
}

const RESAMPLES = 10_000;

/** Of the resampled differences, the share that lies outside the interval at each end. */
const TAIL = 0.025;

/**
 * 95 per cent interval of the difference of two accuracies on the same images by the percentile
 * bootstrap: units are drawn with replacement, both classifiers always on the same draw.
 *
 * @param seed - the same seed gives the same interval
 * @throws {RangeError} of no unit
 */
export function pairedBootstrapInterval(
  units: readonly BootstrapUnit[],
  seed: number,
): [number, number] {
  if (units.length === 0) throw new RangeError('A bootstrap needs at least one unit.');
  const rng = createRng(seed);
  const differences = Float64Array.from({ length: RESAMPLES }, () => {
    let images = 0;
    let difference = 0;
    for (let draw = 0; draw < units.length; draw++) {
      const unit = units[rng.integer(units.length)]!;
      images += unit.images;
      difference += unit.difference;
    }
    return difference / images;
  }).sort();
  return [quantile(differences, TAIL), quantile(differences, 1 - TAIL)];
}

/** Of sorted values, linear between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position % 1);
}
