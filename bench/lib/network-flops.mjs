import { blockSpecs, stemSpec } from '../../packages/sdk/dist/network/weights.js';

/**
 * Multiplications and additions of one picture; the convolutions only, which are all but a thousandth.
 *
 * @param {import('../../packages/sdk/dist/network/index.js').NetworkConfig} network
 */
export function networkFlops(network) {
  let side = network.inputSize;
  let flops = 0;
  const convolve = ({ kernelSize, inputChannels, outputChannels, stride }, inputSide) => {
    const outputSide = Math.floor((inputSide - 1) / stride) + 1;
    flops += 2 * kernelSize ** 2 * inputChannels * outputChannels * outputSide ** 2;
    return outputSide;
  };
  side = convolve(stemSpec(network), side);
  side = Math.floor((side - 1) / 2) + 1; // pooling
  for (const { conv1, conv2, shortcut } of blockSpecs(network)) {
    if (shortcut) convolve(shortcut, side);
    side = convolve(conv1, side);
    convolve(conv2, side);
  }
  return flops;
}
