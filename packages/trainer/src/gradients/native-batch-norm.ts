import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { BATCH_NORM_EPSILON } from 'emotion-cam/network';
import { poolInfo } from './max-pool-gradient.js';
import { replaceWasmKernel } from './wasm-kernels.js';

/** The binding, `packages/trainer/native/batch-norm.cc`. */
interface NativeBatchNorm {
  batchNormForward(
    x: Float32Array,
    gamma: Float32Array,
    beta: Float32Array,
    y: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    numbers: Int32Array,
    epsilon: number,
  ): void;
  batchNormBackward(
    x: Float32Array,
    y: Float32Array,
    dy: Float32Array,
    gamma: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    dx: Float32Array,
    dGamma: Float32Array,
    dBeta: Float32Array,
    numbers: Int32Array,
    epsilon: number,
  ): void;
  maxPoolGradient(x: Float32Array, dy: Float32Array, dx: Float32Array, geometry: Int32Array): void;
}

/** Kernel: `x, gamma, beta` -> `y, mean, variance`; attribute `relu`. */
export const TRAINING_BATCH_NORM = 'TrainingBatchNorm';
/** Kernel: `x, y, dy, gamma, mean, variance` -> `dx, dGamma, dBeta`; attribute `relu`. */
export const TRAINING_BATCH_NORM_GRADIENT = 'TrainingBatchNormGradient';

/** The compiled binding, or undefined where it has not been built (`npm run build:native`). */
export function loadNativeBatchNorm(): NativeBatchNorm | undefined {
  const require = createRequire(import.meta.url);
  try {
    return require('../../native/batch-norm.node') as NativeBatchNorm;
  } catch {
    return undefined;
  }
}

/**
 * Adds batch normalisation with one pass for each direction to the wasm back end, and replaces its
 * gradient of max pooling and its identity, which copies its input.
 */
export function registerNativeBatchNorm(native: NativeBatchNorm): void {
  const addKernel = replaceWasmKernel<tf.NamedAttrMap>;
  const numbersOf = (x: tf.TensorInfo, attrs: tf.NamedAttrMap): Int32Array => {
    const channels = x.shape.at(-1)!;
    return Int32Array.of(
      tf.util.sizeFromShape(x.shape) / channels,
      channels,
      Number(attrs['relu']),
    );
  };

  addKernel(TRAINING_BATCH_NORM, ({ x, gamma, beta }, attrs, backend) => {
    const y = backend.makeOutput(x!.shape, 'float32'); // outputs first: they may grow the heap
    const mean = backend.makeOutput(gamma!.shape, 'float32');
    const variance = backend.makeOutput(gamma!.shape, 'float32');
    const view = (info: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(info);
    native.batchNormForward(
      view(x!),
      view(gamma!),
      view(beta!),
      view(y),
      view(mean),
      view(variance),
      numbersOf(x!, attrs),
      BATCH_NORM_EPSILON,
    );
    return [y, mean, variance];
  });

  addKernel(TRAINING_BATCH_NORM_GRADIENT, (inputs, attrs, backend) => {
    const { x, y, dy, gamma, mean, variance } = inputs;
    const dx = backend.makeOutput(x!.shape, 'float32');
    const dGamma = backend.makeOutput(gamma!.shape, 'float32');
    const dBeta = backend.makeOutput(gamma!.shape, 'float32');
    const view = (info: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(info);
    native.batchNormBackward(
      view(x!),
      view(y!),
      view(dy!),
      view(gamma!),
      view(mean!),
      view(variance!),
      view(dx),
      view(dGamma),
      view(dBeta),
      numbersOf(x!, attrs),
      BATCH_NORM_EPSILON,
    );
    return [dx, dGamma, dBeta];
  });

  addKernel('MaxPoolGrad', ({ dy, input }, attrs, backend) => {
    const dx = backend.makeOutput(input!.shape, 'float32');
    const info = poolInfo(input!, attrs);
    const geometry = Int32Array.of(
      info.batchSize,
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.outHeight,
      info.outWidth,
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
      info.padInfo.top,
      info.padInfo.left,
    );
    const view = (tensor: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(tensor);
    native.maxPoolGradient(view(input!), view(dy!), view(dx), geometry);
    return dx;
  });

  addKernel('Identity', ({ x }, _attrs, backend) => {
    backend.incRef(x!.dataId);
    return { dataId: x!.dataId, shape: x!.shape, dtype: x!.dtype };
  });
}
