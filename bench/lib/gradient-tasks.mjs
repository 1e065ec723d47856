/** One gradient of one 3x3 convolution, timed: the tasks of convolution-gradients.bench.mjs. */
import { createRequire } from 'node:module';
import { initialiseBackend } from '../../packages/trainer/dist/backend.js';
import {
  convolutionFilterGradient,
  convolutionInputGradient,
} from '../../packages/trainer/dist/gradients/convolution.js';

/** TensorFlow.js as the trainer has it. */
const tf = createRequire(new URL('../../packages/trainer/package.json', import.meta.url))(
  '@tensorflow/tfjs-core',
);

export const start = initialiseBackend;

/** Built-in kernels take these. */
const ATTRIBUTES = { strides: 1, pad: 1, dataFormat: 'NHWC' };

/** By gradient and implementation; x and dy are [N,H,W,C], the filter [3,3,C,C]. */
const OPERATIONS = {
  'dX ours': (x, filter, dy) => convolutionInputGradient(dy, filter, x.shape, 1, 1),
  'dW ours': (x, filter, dy) => convolutionFilterGradient(x, dy, 3, 1, 1),
  'dX kernel': (x, filter, dy) =>
    tf
      .engine()
      .runKernel('Conv2DBackpropInput', { dy, filter }, { ...ATTRIBUTES, inputShape: x.shape }),
  'dW kernel': (x, filter, dy) =>
    tf
      .engine()
      .runKernel('Conv2DBackpropFilter', { x, dy }, { ...ATTRIBUTES, filterShape: filter.shape }),
};

/** @param {{ operation: string, batch: number, side: number, channels: number }} task */
export function measure({ operation, batch, side, channels }) {
  const map = [batch, side, side, channels];
  const [x, dy] = [tf.randomNormal(map), tf.randomNormal(map)];
  const filter = tf.randomNormal([3, 3, channels, channels]);
  for (const tensor of [x, filter, dy]) tensor.dataSync(); // uploads are not what is timed
  const began = performance.now();
  const result = tf.tidy(() => OPERATIONS[operation](x, filter, dy));
  result.dataSync();
  const milliseconds = performance.now() - began;
  tf.dispose([x, filter, dy, result]);
  return milliseconds;
}
