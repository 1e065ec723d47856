import { samePadding, type ConvolutionSpec } from 'emotion-cam/network';

/** A convolution of a batch of square maps, in numbers. */
export interface ConvolutionShape {
  readonly images: number;
  readonly inputSide: number;
  readonly inputChannels: number;
  readonly outputSide: number;
  readonly outputChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  /**
   * Of the network's first convolution: its input are images of three channels, stored in vectors of
   * four, with a border of zeros as wide as the padding.
   */
  readonly isFirst: boolean;
}

/** The side of a map after a convolution of stride 2 whose padding keeps the side at stride 1. */
export function stridedSide(side: number, stride: number): number {
  return Math.floor((side - 1) / stride) + 1;
}

export function shapeOf(
  spec: ConvolutionSpec,
  images: number,
  inputSide: number,
): ConvolutionShape {
  const { kernelSize, inputChannels, outputChannels, stride, name } = spec;
  return {
    ...{ images, inputSide, inputChannels, outputChannels, kernelSize, stride },
    outputSide: stridedSide(inputSide, stride),
    padding: samePadding(kernelSize),
    isFirst: name === 'stem',
  };
}
