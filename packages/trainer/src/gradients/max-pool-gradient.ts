import * as tf from '@tensorflow/tfjs-core';
import { replaceKernel } from './kernel-registry.js';

/** What the kernel needs of a back end whose tensors can be read at once. */
interface SynchronousBackend {
  readSync(dataId: tf.DataId): Float32Array;
}

/**
 * Replaces the wasm back end's gradient of max pooling: that of version 4.22 is wrong where the
 * largest value of a window is not above 0 (unlike the cpu back end's, and finite differences).
 * The first largest value of a window receives the gradient. Safe to call more than once.
 */
export function registerWasmMaxPoolGradient(): void {
  const backendName = 'wasm';
  replaceKernel({
    kernelName: 'MaxPoolGrad',
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { dy, input } = inputs as Record<'dy' | 'input', tf.TensorInfo>;
      const info = poolInfo(input, attrs as tf.NamedAttrMap);
      const reader = backend as unknown as SynchronousBackend;
      const x = reader.readSync(input.dataId);
      const upstream = reader.readSync(dy.dataId);
      const dx = maxPoolInputGradient(x, upstream, info);
      return tf.engine().makeTensor(dx, input.shape, 'float32');
    },
  });
}

/** Sizes of a pooling whose kernel has these attributes. */
export function poolInfo(input: tf.TensorInfo, attrs: tf.NamedAttrMap): tf.backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as {
    filterSize: [number, number];
    strides: [number, number];
    pad: 'valid' | 'same' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  return tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** The gradient itself, on plain arrays in NHWC order. */
export function maxPoolInputGradient(
  x: Float32Array,
  dy: Float32Array,
  info: tf.backend_util.Conv2DInfo,
): Float32Array {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const dx = new Float32Array(x.length);
  const best = new Float32Array(inChannels); // largest value of the window, by channel
  const bestIndex = new Int32Array(inChannels);
  let out = 0;
  for (let n = 0; n < batchSize; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * strideHeight - padInfo.top;
      const y1 = Math.min(inHeight, top + filterHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * strideWidth - padInfo.left;
        const x1 = Math.min(inWidth, left + filterWidth);
        best.fill(-Infinity);
        for (let y = Math.max(0, top); y < y1; y++) {
          for (let column = Math.max(0, left); column < x1; column++) {
            const start = ((n * inHeight + y) * inWidth + column) * inChannels;
            for (let c = 0; c < inChannels; c++) {
              const value = x[start + c]!;
              if (value > best[c]!) {
                best[c] = value;
                bestIndex[c] = start + c;
              }
            }
          }
        }
        for (let c = 0; c < inChannels; c++, out++) dx[bestIndex[c]!]! += dy[out]!;
      }
    }
  }
  return dx;
}
