import * as tf from '@tensorflow/tfjs-core';
import type { NativeModule } from '../native.js';
import { replaceWasmKernel, type WasmBackend } from './wasm-kernels.js';

type Shape4D = [number, number, number, number];

/** Attributes of TensorFlow.js' convolution kernels. */
interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function geometryOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations = 1, dimRoundingMode }: ConvolutionAttributes,
): Int32Array {
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  const { top, left } = info.padInfo;
  // The far padding that the last window needs; the rest of a larger one is never read.
  const far = (out: number, stride: number, reach: number, size: number, near: number): number =>
    Math.max(0, (out - 1) * stride + reach - size - near);
  const { outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth } = info;
  return Int32Array.of(
    info.batchSize,
    inHeight,
    inWidth,
    info.inChannels,
    outHeight,
    outWidth,
    info.outChannels,
    info.filterHeight,
    info.filterWidth,
    strideHeight,
    strideWidth,
    top,
    left,
    far(outHeight, strideHeight, info.effectiveFilterHeight, inHeight, top),
    far(outWidth, strideWidth, info.effectiveFilterWidth, inWidth, left),
    info.dilationHeight,
    info.dilationWidth,
  );
}

/** Replaces the convolutions of the wasm back end by oneDNN's, in place on its heap. */
export function registerNativeConvolution(native: NativeModule): void {
  const addKernel = replaceWasmKernel<ConvolutionAttributes>;
  const forward = (
    x: tf.TensorInfo,
    filter: tf.TensorInfo,
    attrs: ConvolutionAttributes,
    backend: WasmBackend,
  ): tf.TensorInfo => {
    const geometry = geometryOf(x.shape, filter.shape, attrs);
    const shape = [geometry[0]!, geometry[4]!, geometry[5]!, geometry[6]!];
    const y = backend.makeOutput(shape, 'float32'); // may grow the heap: before the views
    const view = (info: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(info);
    native.convolve(geometry, view(x), view(filter), view(y));
    return y;
  };
  addKernel('Conv2D', ({ x, filter }, attrs, backend) => forward(x!, filter!, attrs, backend));
  addKernel('FusedConv2D', ({ x, filter, bias, preluActivationWeights }, attrs, backend) => {
    const { activation } = attrs as { activation?: string };
    if (!bias || preluActivationWeights || (activation !== 'relu' && activation !== 'linear')) {
      throw new RangeError(`No native convolution with bias and activation "${activation}".`);
    }
    const y = forward(x!, filter!, attrs, backend);
    addBias(backend.typedArrayFromHeap(y), backend.typedArrayFromHeap(bias), activation);
    return y;
  });
}

/** y + bias along the last axis, then ReLU where asked, in place. */
function addBias(y: Float32Array, bias: Float32Array, activation: 'relu' | 'linear'): void {
  const channels = bias.length;
  const lowest = activation === 'relu' ? 0 : -Infinity;
  for (let row = 0; row < y.length; row += channels) {
    for (let c = 0; c < channels; c++) y[row + c] = Math.max(lowest, y[row + c]! + bias[c]!);
  }
}
