import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { replaceWasmKernel, type WasmBackend } from './wasm-kernels.js';

/** The binding of oneDNN, `packages/trainer/native/convolution.cc`. */
interface NativeConvolution {
  convolve(
    direction: number,
    geometry: Int32Array,
    input: Float32Array,
    filter: Float32Array,
    output: Float32Array,
  ): void;
}

type Shape4D = [number, number, number, number];

/** Attributes of TensorFlow.js' convolution kernels. */
interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const FORWARD = 0;
const INPUT_GRADIENT = 1;
const FILTER_GRADIENT = 2;

/** The compiled binding, or undefined where it has not been built (`npm run build:native`). */
export function loadNativeConvolution(): NativeConvolution | undefined {
  const require = createRequire(import.meta.url);
  try {
    return require('../../native/convolution.node') as NativeConvolution;
  } catch {
    return undefined;
  }
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

/**
 * Replaces the convolutions of the wasm back end, forward and both gradients, by oneDNN's, in place
 * on its heap. The built-in gradient of `tf.conv2d` then is the fast one.
 */
export function registerNativeConvolution(native: NativeConvolution): void {
  const addKernel = replaceWasmKernel<
    ConvolutionAttributes & { readonly inputShape: Shape4D; readonly filterShape: Shape4D }
  >;
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
    native.convolve(FORWARD, geometry, view(x), view(filter), view(y));
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
  addKernel('Conv2DBackpropInput', ({ dy, filter }, attrs, backend) => {
    const dx = backend.makeOutput(attrs.inputShape, 'float32');
    const geometry = geometryOf(attrs.inputShape, filter!.shape, attrs);
    const view = (info: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(info);
    native.convolve(INPUT_GRADIENT, geometry, view(dx), view(filter!), view(dy!));
    return dx;
  });
  addKernel('Conv2DBackpropFilter', ({ x, dy }, attrs, backend) => {
    const filter = backend.makeOutput(attrs.filterShape, 'float32');
    const geometry = geometryOf(x!.shape, attrs.filterShape, attrs);
    const view = (info: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(info);
    native.convolve(FILTER_GRADIENT, geometry, view(x!), view(filter), view(dy!));
    return filter;
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
