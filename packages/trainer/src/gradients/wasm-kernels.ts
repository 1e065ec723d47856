import type * as tf from '@tensorflow/tfjs-core';
import { replaceKernel } from './kernel-registry.js';

/** What native kernels need of the wasm back end: tensors that are views of its heap. */
export interface WasmBackend {
  /** May grow the heap: make outputs before taking views. */
  makeOutput(shape: readonly number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
  incRef(dataId: tf.DataId): void;
}

/** Registers a kernel of the wasm back end in place of its own, if it has one. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- TensorFlow.js does not type a kernel's attributes; the caller knows them
export function replaceWasmKernel<Attributes>(
  kernelName: string,
  run: (
    inputs: Record<string, tf.TensorInfo>,
    attrs: Attributes,
    backend: WasmBackend,
  ) => tf.TensorInfo | tf.TensorInfo[],
): void {
  replaceKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      run(
        inputs as Record<string, tf.TensorInfo>,
        attrs as unknown as Attributes,
        backend as unknown as WasmBackend,
      ),
  });
}
