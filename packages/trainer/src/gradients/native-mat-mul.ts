import * as tf from '@tensorflow/tfjs-core';
import type { NativeModule } from '../native.js';
import { replaceWasmKernel } from './wasm-kernels.js';

/** Replaces the matrix products of the wasm back end by oneDNN's, in place on its heap. */
export function registerNativeMatMul(native: NativeModule): void {
  replaceWasmKernel<{ readonly transposeA: boolean; readonly transposeB: boolean }>(
    'BatchMatMul',
    ({ a, b }, { transposeA, transposeB }, backend) => {
      const [heightA, widthA] = a!.shape.slice(-2) as [number, number];
      const [heightB, widthB] = b!.shape.slice(-2) as [number, number];
      const [rows, inner] = transposeA ? [widthA, heightA] : [heightA, widthA];
      const [innerB, columns] = transposeB ? [widthB, heightB] : [heightB, widthB];
      const batches = [a!, b!].map(({ shape }) => tf.util.sizeFromShape(shape.slice(0, -2)));
      const batch = tf.broadcast_util.assertAndGetBroadcastShape(
        a!.shape.slice(0, -2),
        b!.shape.slice(0, -2),
      );
      if (inner !== innerB) {
        throw new RangeError(`Matrices of ${inner} columns and ${innerB} rows have no product.`);
      }
      const out = backend.makeOutput([...batch, rows, columns], 'float32'); // before the views
      const view = (info: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(info);
      const numbers = [...batches, rows, columns, inner, Number(transposeA), Number(transposeB)];
      native.matMul(view(a!), view(b!), view(out), Int32Array.from(numbers));
      return out;
    },
  );
}
