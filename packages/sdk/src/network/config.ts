import { EMOTIONS } from './emotions.js';

/** Architecture of FDRL-ECANet and its ablations: one network, configured. */
export interface NetworkConfig {
  /** Side of the square input in pixels. */
  readonly inputSize: number;
  /** Channels of the stem and the first stage; each later stage doubles them. */
  readonly width: number;
  /** Residual blocks in each stage; `[2, 2, 2, 2]` is ResNet-18. */
  readonly blocks: readonly number[];
  /** `'none'` is the paper's "w/o ECA". */
  readonly attention: 'eca' | 'none';
  /** `'linear'` is the paper's "w/o FDRL": global average pooling, then one FC layer. */
  readonly head: 'fdrl' | 'linear';
  /** M, the number of latent features (FDRL's value; the paper does not state its own). */
  readonly latentFeatures: number;
  /** D, the width of a latent feature (paper, equation 1). */
  readonly latentWidth: number;
  /** Share of the intra-feature in the reconstructed feature, 0..1 (paper, equation 5). */
  readonly delta: number;
  /** S in equation 3: how alike two vertices are. `'dot'` is g_j . g_m / sqrt(D). */
  readonly similarity: 'dot' | 'cosine' | 'euclidean';
}

/** The network of the paper: 12,065,643 parameters. */
export const DEFAULT_NETWORK: NetworkConfig = {
  inputSize: 224,
  width: 64,
  blocks: [2, 2, 2, 2],
  attention: 'eca',
  head: 'fdrl',
  latentFeatures: 9,
  latentWidth: 128,
  delta: 0.5,
  similarity: 'dot',
};

/** K, the number of classes. */
export const CLASS_COUNT: number = EMOTIONS.length;

/**
 * k of ECA for C channels: |log2(C) / 2 + 1 / 2|, truncated, then the next odd number if even:
 * 3, 5, 5, 5 for 64, 128, 256, 512 (the adaptive rule of the ECA paper, its equation 12).
 */
export function ecaKernelSize(channels: number): number {
  const truncated = Math.trunc(Math.abs(Math.log2(channels) / 2 + 0.5));
  return truncated % 2 === 1 ? truncated : truncated + 1;
}
