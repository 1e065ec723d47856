import { DEFAULT_NETWORK, type NetworkConfig } from '../../../src/network/index.js';

/** FDRL-ECANet with every kind of dispatch, sliced convolutions included, and few of each. */
export const SMALL_NETWORK: NetworkConfig = {
  ...DEFAULT_NETWORK,
  inputSize: 40,
  width: 16,
  blocks: [1, 1, 1],
  latentFeatures: 3,
  latentWidth: 16,
};
