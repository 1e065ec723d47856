import { mean } from './statistics/mean.js';

/** One attribute over a split; shares, 0..1. */
export interface AttributeMetrics {
  readonly label: string;
  /** Images that have it. */
  readonly share: number;
  readonly accuracy: number;
  /** Mean of the accuracy on images with it and on those without; chance is 0.5. */
  readonly balancedAccuracy: number;
}

/** All attributes over a split. */
export interface MultiLabelMetrics {
  readonly count: number;
  /** Means over the attributes. */
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  /** Binary cross entropy, mean over images and attributes. */
  readonly loss: number;
  readonly attributes: readonly AttributeMetrics[];
}

/**
 * Compares logits with the attributes of images; a logit above 0 says yes.
 *
 * @param logits - [N,K]
 * @param targets - 0 or 1, [N,K]
 * @param labels - the names of the K attributes
 * @throws {RangeError} without an image, or if the lengths do not fit
 */
export function multiLabelMetrics(
  logits: Float32Array,
  targets: Float32Array,
  labels: readonly string[],
): MultiLabelMetrics {
  const outputs = labels.length;
  const count = targets.length / outputs;
  if (count < 1 || !Number.isInteger(count) || logits.length !== targets.length) {
    throw new RangeError(
      `${logits.length} logits and ${targets.length} targets are no rows of ${outputs} attributes.`,
    );
  }
  const attributes = labels.map((label, k): AttributeMetrics => {
    const images = { with: 0, without: 0 };
    const hits = { with: 0, without: 0 };
    for (let i = k; i < targets.length; i += outputs) {
      const side = targets[i]! > 0.5 ? 'with' : 'without';
      images[side] += 1;
      if (logits[i]! > 0 === (side === 'with')) hits[side] += 1;
    }
    // Where all images are alike there is only one side to measure.
    const sides = (['with', 'without'] as const).filter((side) => images[side] > 0);
    return {
      label,
      share: images.with / count,
      accuracy: (hits.with + hits.without) / count,
      balancedAccuracy: mean(sides.map((side) => hits[side] / images[side])),
    };
  });
  return {
    count,
    accuracy: mean(attributes.map(({ accuracy }) => accuracy)),
    balancedAccuracy: mean(attributes.map(({ balancedAccuracy }) => balancedAccuracy)),
    loss: mean(Array.from(logits, (x, i) => binaryLoss(x, targets[i]!))),
    attributes,
  };
}

function binaryLoss(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
}
