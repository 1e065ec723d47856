import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialiseBackend } from '../../src/backend.js';
import { convolution } from '../../src/gradients/convolution.js';
import { CONVOLUTIONS, convolutionInputs } from '../support/convolutions.js';
import {
  evaluate,
  expectSame,
  finiteDifferences,
  gradientsOf,
  type TensorFunction,
  type Values,
} from '../support/gradients.js';

const ours =
  (stride: number, padding: number): TensorFunction =>
  (x, filter) =>
    convolution(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);

const builtIn =
  (stride: number, padding: number): TensorFunction =>
  (x, filter) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);

/** TensorFlow.js' own values and gradients, on the cpu back end. */
const references = new Map<string, { value: Values; gradients: Values[] }>();

beforeAll(async () => {
  await initialiseBackend('cpu');
  for (const geometry of CONVOLUTIONS) {
    const { name, stride, padding } = geometry;
    const f = builtIn(stride, padding);
    const inputs = convolutionInputs(geometry);
    references.set(name, { value: evaluate(f, inputs), gradients: gradientsOf(f, inputs) });
  }
});

describe.each(['cpu', 'wasm'] as const)('convolution on %s', (backend) => {
  beforeAll(() => initialiseBackend(backend));

  it.each(CONVOLUTIONS)('gives the built-in value and gradients: $name', (geometry) => {
    const f = ours(geometry.stride, geometry.padding);
    const inputs = convolutionInputs(geometry);
    const { value, gradients } = references.get(geometry.name)!;
    expectSame([evaluate(f, inputs)], [value], 1e-5);
    expectSame(gradientsOf(f, inputs), gradients, 1e-5);
  });

  it.each(CONVOLUTIONS)('has the gradients of finite differences: $name', (geometry) => {
    const f = ours(geometry.stride, geometry.padding);
    const inputs = convolutionInputs(geometry);
    expectSame(gradientsOf(f, inputs), finiteDifferences(f, inputs, 0.5), 1e-4);
  });

  it('computes no gradient of the input where it is data', () => {
    const [x, filter] = convolutionInputs(CONVOLUTIONS[0]!);
    const f: TensorFunction = (image, kernel) =>
      convolution(image as tf.Tensor4D, kernel as tf.Tensor4D, 1, 0, { inputGradient: false });
    const [dx, dFilter] = gradientsOf(f, [x, filter]);
    expect(dx!.data.every((value) => value === 0)).toBe(true);
    expectSame([dFilter!], [references.get(CONVOLUTIONS[0]!.name)!.gradients[1]!], 1e-5);
  });
});
