import * as tf from '@tensorflow/tfjs-core';

/**
 * Convolution gradients written as convolutions. The built-in ones are slow or missing
 * (docs/decisions/0002-convolution-gradients.md); forward convolutions are fast in every back end.
 */

/** Puts `stride - 1` zeros after every row and column: [N,H,W,C] -> [N,H*stride,W*stride,C]. */
function interleaveZeros(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const columns = tf.pad(tf.reshape(x, [n * h * w, 1, c]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]); // [N*H*W,stride,C]
  const rows = tf.pad(tf.reshape(columns, [n * h, 1, w * stride * c]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]); // [N*H,stride,W*stride*C]
  return tf.reshape(rows, [n, h * stride, w * stride, c]);
}

/** Zero padding and, where an amount is negative, cropping of rows and columns. */
function padOrCrop(
  x: tf.Tensor4D,
  rows: readonly [number, number],
  columns: readonly [number, number],
): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const crop = [...rows, ...columns].some((amount) => amount < 0)
    ? tf.slice(
        x,
        [0, Math.max(0, -rows[0]), Math.max(0, -columns[0]), 0],
        [
          n,
          h + Math.min(0, rows[0]) + Math.min(0, rows[1]),
          w + Math.min(0, columns[0]) + Math.min(0, columns[1]),
          c,
        ],
      )
    : x;
  const positive = (pair: readonly [number, number]): [number, number] => [
    Math.max(0, pair[0]),
    Math.max(0, pair[1]),
  ];
  return tf.pad(crop, [[0, 0], positive(rows), positive(columns), [0, 0]]);
}

/** The filter turned by 180 degrees, input and output channels exchanged: [kh,kw,Cout,Cin]. */
function flipFilter(filter: tf.Tensor4D): tf.Tensor4D {
  const [kh, kw, cin, cout] = filter.shape;
  if (tf.getBackend() === 'webgpu') {
    return tf.transpose(kh * kw === 1 ? filter : tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  }
  // In host memory: the wasm back end's reverse, gather and slice are far slower than this loop.
  const source = filter.dataSync<'float32'>();
  return tf.tensor4d(flipTaps(source, kh * kw, cin, cout), [kh, kw, cout, cin]);
}

/** Side of the square that {@link flipTaps} moves at a time, so that both sides stay in the cache. */
const TILE = 32;

/** Reverses the taps and transposes each: [taps,Cin,Cout] -> [taps,Cout,Cin]. */
function flipTaps(source: Float32Array, taps: number, cin: number, cout: number): Float32Array {
  const flipped = new Float32Array(source.length);
  for (let tap = 0; tap < taps; tap++) {
    const from = tap * cin * cout;
    const to = (taps - 1 - tap) * cin * cout;
    for (let i0 = 0; i0 < cin; i0 += TILE) {
      const i1 = Math.min(cin, i0 + TILE);
      for (let o0 = 0; o0 < cout; o0 += TILE) {
        const o1 = Math.min(cout, o0 + TILE);
        for (let o = o0; o < o1; o++) {
          for (let i = i0; i < i1; i++) flipped[to + o * cin + i] = source[from + i * cout + o]!;
        }
      }
    }
  }
  return flipped;
}

/**
 * dL/dx as a forward convolution of dL/dy with the flipped filter.
 *
 * @param dy - [N,H',W',Cout]
 * @param filter - [k,k,Cin,Cout]
 * @param inputShape - of x, [N,H,W,Cin]
 */
export function convolutionInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: readonly [number, number, number, number],
  stride: number,
  padding: number,
): tf.Tensor4D {
  const k = filter.shape[0];
  const [, height, width] = inputShape;
  const low = k - 1 - padding;
  if (k === 1) {
    const dx = tf.conv2d(dy, flipFilter(filter), 1, 0); // [N,H',W',Cin]
    if (stride === 1) return dx;
    const spread = interleaveZeros(dx, stride);
    return padOrCrop(spread, [0, height - spread.shape[1]], [0, width - spread.shape[2]]);
  }
  if (stride === 1) return tf.conv2d(dy, flipFilter(filter), 1, low);
  const spread = interleaveZeros(dy, stride);
  const padded = padOrCrop(
    spread,
    [low, height - spread.shape[1] + padding],
    [low, width - spread.shape[2] + padding],
  );
  return tf.conv2d(padded, flipFilter(filter), 1, 'valid');
}

/**
 * dL/dW as a forward convolution: the batch takes the place of the channels and dL/dy that of
 * the filter, dilated by the stride.
 *
 * @param x - [N,H,W,Cin]
 * @param dy - [N,H',W',Cout]
 * @returns [k,k,Cin,Cout]
 */
export function convolutionFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  kernelSize: number,
  stride: number,
  padding: number,
): tf.Tensor4D {
  const images = tf.transpose(x, [3, 1, 2, 0]); // [Cin,H,W,N]
  const filter = tf.transpose(dy, [1, 2, 0, 3]); // [H',W',N,Cout]
  const dilation: [number, number] = [stride, stride];
  // Each axis by itself: where padding is one number, TensorFlow.js takes the filter as square, and
  // this one is as wide and high as dy (getPadAndOutInfo in its conv_util).
  const pads: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ];
  const product = tf.conv2d(images, filter, 1, pads, 'NHWC', dilation); // [Cin,>=k,>=k,Cout]
  const exact =
    product.shape[1] === kernelSize && product.shape[2] === kernelSize
      ? product
      : tf.slice(
          product,
          [0, 0, 0, 0],
          [product.shape[0], kernelSize, kernelSize, product.shape[3]],
        );
  return tf.transpose(exact, [1, 2, 0, 3]);
}

/**
 * `tf.conv2d` with symmetric padding and the gradients above.
 *
 * @param x - [N,H,W,Cin]
 * @param filter - [k,k,Cin,Cout]
 * @param options.inputGradient - `false` for the first layer, whose input is data
 */
export function convolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  padding: number,
  options: { inputGradient: boolean } = { inputGradient: true },
): tf.Tensor4D {
  const withGradient = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [image, kernel, save] = args as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([image, kernel]);
    return {
      value: tf.conv2d(image, kernel, stride, padding),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedImage, savedKernel] = saved as [tf.Tensor4D, tf.Tensor4D];
        const upstream = dy as tf.Tensor4D;
        return [
          options.inputGradient
            ? convolutionInputGradient(upstream, savedKernel, savedImage.shape, stride, padding)
            : tf.zerosLike(savedImage),
          convolutionFilterGradient(savedImage, upstream, savedKernel.shape[0], stride, padding),
        ];
      },
    };
  });
  return withGradient(x, filter);
}
