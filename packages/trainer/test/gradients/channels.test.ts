import * as tf from '@tensorflow/tfjs-core';
import { channelConvolution as plainChannelConvolution } from 'emotion-cam/network';
import { beforeAll, describe, it } from 'vitest';
import { initialiseBackend } from '../../src/backend.js';
import {
  channelConvolution,
  globalAveragePool,
  scaleChannels,
} from '../../src/gradients/channels.js';
import {
  evaluate,
  expectSame,
  finiteDifferences,
  gradientsOf,
  randomValues,
  type TensorFunction,
  type Values,
} from '../support/gradients.js';

interface Operation {
  readonly name: string;
  readonly ours: TensorFunction;
  /** What TensorFlow.js differentiates by itself. */
  readonly builtIn: TensorFunction;
  readonly inputs: () => Values[];
}

const channelConvolutionOf = (k: number): Operation => ({
  name: `channelConvolution with a kernel of ${k}`,
  ours: (x, kernel) => channelConvolution(x as tf.Tensor2D, kernel as tf.Tensor1D),
  builtIn: (x, kernel) => plainChannelConvolution(x as tf.Tensor2D, kernel as tf.Tensor1D),
  inputs: () => [randomValues([3, 6], 1), randomValues([k], 2)],
});

const OPERATIONS: readonly Operation[] = [
  {
    name: 'globalAveragePool',
    ours: (x) => globalAveragePool(x as tf.Tensor4D),
    builtIn: (x) => tf.mean(x, [1, 2]),
    inputs: () => [randomValues([2, 3, 2, 4], 1)],
  },
  {
    name: 'scaleChannels',
    ours: (x, s) => scaleChannels(x as tf.Tensor4D, s as tf.Tensor2D),
    builtIn: (x, s) => tf.mul(x, tf.reshape(s, [2, 1, 1, 4])),
    inputs: () => [randomValues([2, 3, 2, 4], 1), randomValues([2, 4], 2)],
  },
  channelConvolutionOf(1),
  channelConvolutionOf(3),
  channelConvolutionOf(5),
];

const references = new Map<string, { value: Values; gradients: Values[] }>();

beforeAll(async () => {
  await initialiseBackend('cpu');
  for (const { name, builtIn, inputs } of OPERATIONS) {
    references.set(name, {
      value: evaluate(builtIn, inputs()),
      gradients: gradientsOf(builtIn, inputs()),
    });
  }
});

describe.each(['cpu', 'wasm'] as const)('the channel operations on %s', (backend) => {
  beforeAll(() => initialiseBackend(backend));

  it.each(OPERATIONS)('give the built-in value and gradients: $name', ({ name, ours, inputs }) => {
    const { value, gradients } = references.get(name)!;
    expectSame([evaluate(ours, inputs())], [value], 1e-5);
    expectSame(gradientsOf(ours, inputs()), gradients, 1e-5);
  });

  it.each(OPERATIONS)('have the gradients of finite differences: $name', ({ ours, inputs }) => {
    expectSame(gradientsOf(ours, inputs()), finiteDifferences(ours, inputs(), 0.5), 1e-4);
  });
});
