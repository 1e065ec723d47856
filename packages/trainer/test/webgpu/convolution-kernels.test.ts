import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialiseBackend } from '../../src/backend.js';
import {
  convolutionKernel,
  convolutionWorkgroups,
  inputGradientKernel,
  inputGradientWorkgroups,
} from '../../src/webgpu/convolution-kernels.js';
import type { ConvolutionShape } from '../../src/webgpu/convolution-shape.js';
import {
  ADD_SLICES,
  filterGradientKernel,
  filterGradientSlices,
  filterGradientWorkgroups,
} from '../../src/webgpu/filter-gradient-kernel.js';
import { linearWorkgroups, type Kernel } from '../../src/webgpu/kernel.js';
import type { Dispatch, Value } from '../../src/webgpu/plan-builder.js';
import { expectSame, randomValues, type Values } from '../support/gradients.js';
import { openDevice, SLOW_COMPILER } from './support/device.js';
import { runDispatches } from './support/run.js';

const dispatchOf = (
  kernel: Kernel,
  workgroups: Dispatch['workgroups'],
  bound: readonly Value[],
  sizes: readonly number[] = [],
): Dispatch => ({ kernel, workgroups, bound, sizes });

/** Odd sides, tiles that are not full, one thread column and many, slices of pixels. */
const SHAPES: readonly (readonly [string, Partial<ConvolutionShape>])[] = [
  ['3x3', { inputSide: 5, inputChannels: 8, outputChannels: 12 }],
  ['3x3 of many channels', { images: 5, inputSide: 4, inputChannels: 36, outputChannels: 68 }],
  ['3x3, stride 2, odd', { inputSide: 7, stride: 2, inputChannels: 12, outputChannels: 4 }],
  ['3x3, stride 2, even', { inputSide: 6, stride: 2, inputChannels: 4, outputChannels: 16 }],
  ['1x1, stride 2', { inputSide: 7, stride: 2, kernelSize: 1 }],
  ['3x3 of many pixels', { images: 9, inputSide: 61, inputChannels: 4, outputChannels: 4 }],
  ['of images', { images: 2, inputSide: 23, stride: 2, kernelSize: 7, inputChannels: 3 }],
];

function shapeOf(changes: Partial<ConvolutionShape>): ConvolutionShape {
  const { inputSide = 5, stride = 1, kernelSize = 3, inputChannels = 8 } = changes;
  return {
    images: 3,
    outputChannels: 8,
    outputSide: Math.floor((inputSide - 1) / stride) + 1,
    padding: (kernelSize - 1) / 2,
    isFirst: inputChannels === 3,
    ...{ inputSide, stride, kernelSize, inputChannels },
    ...changes,
  };
}

/** Values on the device: floats as they are. */
const valueOf = (label: string, data: Float32Array): Value => ({ label, bytes: data.byteLength });

/** x as the kernels read it: images get a border and a fourth channel. */
function stored({ data }: Values, shape: ConvolutionShape): Float32Array<ArrayBuffer> {
  if (!shape.isFirst) return Float32Array.from(data);
  const { images, inputSide, padding } = shape;
  const side = inputSide + 2 * padding;
  const out = new Float32Array(images * side * side * 4);
  data.forEach((value, at) => {
    const pixel = Math.floor(at / 3);
    const image = Math.floor(pixel / inputSide ** 2);
    const row = (Math.floor(pixel / inputSide) % inputSide) + padding;
    const column = (pixel % inputSide) + padding;
    out[((image * side + row) * side + column) * 4 + (at % 3)] = value;
  });
  return out;
}

describe('convolutions on the graphics card', SLOW_COMPILER, () => {
  let device: GPUDevice;

  beforeAll(async () => {
    await initialiseBackend('cpu');
    device = await openDevice();
  });

  afterAll(() => {
    device.destroy();
  });

  it.each(SHAPES)(
    'and both gradients are those of TensorFlow.js on the cpu: %s',
    async (_, changes) => {
      const shape = shapeOf(changes);
      const { images, inputSide, inputChannels, outputSide, outputChannels } = shape;
      const { kernelSize, stride, padding } = shape;
      const x = randomValues([images, inputSide, inputSide, inputChannels], 1);
      const w = randomValues([kernelSize, kernelSize, inputChannels, outputChannels], 2);
      const dy = randomValues([images, outputSide, outputSide, outputChannels], 3);
      const before = randomValues(x.shape, 4); // what dL/dx is added to
      const references = tf.tidy(() => {
        const tensorOf = ({ shape: s, data }: Values): tf.Tensor4D =>
          tf.tensor4d(data, s as [number, number, number, number]);
        const f = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
          tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, padding);
        const gradients = tf.grads(f)([tensorOf(x), tensorOf(w)], tensorOf(dy));
        return [f(tensorOf(x), tensorOf(w)), ...gradients].map((tensor) => ({
          shape: tensor.shape,
          data: tensor.dataSync<'float32'>().slice(),
        }));
      });
      const [y, dx, dw] = references as readonly Values[] as [Values, Values, Values];

      const inputs = {
        x: stored(x, shape),
        w: Float32Array.from(w.data),
        dy: Float32Array.from(dy.data),
        added: Float32Array.from(before.data),
      };
      const [xValue, wValue, dyValue, dxAdded] = Object.entries(inputs).map(([label, data]) =>
        valueOf(label, data),
      ) as [Value, Value, Value, Value];
      const yValue = valueOf('y', y.data);
      const dxValue = valueOf('dx', dx.data);
      const dwValue = valueOf('dw', dw.data);
      const slices = filterGradientSlices(shape);
      const count = dw.data.length / 4;
      const parts: Value = { label: 'parts', bytes: slices * dw.data.byteLength };
      const gradientOfInput = shape.isFirst
        ? []
        : [false, true].map((isAdded) =>
            dispatchOf(inputGradientKernel(shape, isAdded), inputGradientWorkgroups(shape), [
              ...[dyValue, wValue],
              isAdded ? dxAdded : dxValue,
            ]),
          );
      const written = await runDispatches(
        device,
        [
          dispatchOf(convolutionKernel(shape), convolutionWorkgroups(shape), [
            xValue,
            wValue,
            yValue,
          ]),
          ...gradientOfInput,
          dispatchOf(filterGradientKernel(shape), filterGradientWorkgroups(shape), [
            ...[xValue, dyValue, parts],
          ]),
          dispatchOf(ADD_SLICES, linearWorkgroups(count), [parts, dwValue], [count, slices]),
        ],
        new Map([
          [xValue, inputs.x],
          [wValue, inputs.w],
          [dyValue, inputs.dy],
          [dxAdded, inputs.added],
        ]),
        [yValue, dwValue, ...(shape.isFirst ? [] : [dxValue, dxAdded])],
      );
      const sum = { shape: dx.shape, data: dx.data.map((value, i) => value + before.data[i]!) };
      const expected = [y, dw, ...(shape.isFirst ? [] : [dx, sum])];
      const actual = written.map((data, index) => ({ shape: expected[index]!.shape, data }));
      expectSame(actual, expected, 1e-5);
    },
  );

  it('cuts the pixels of a filter gradient into slices where there are many', () => {
    expect(
      filterGradientSlices(
        shapeOf({ images: 2, inputSide: 23, kernelSize: 7, stride: 2, inputChannels: 3 }),
      ),
    ).toBe(2);
    expect(
      filterGradientSlices(
        shapeOf({ images: 32, inputSide: 56, inputChannels: 64, outputChannels: 64 }),
      ),
    ).toBeGreaterThan(32);
    expect(
      filterGradientSlices(
        shapeOf({ images: 32, inputSide: 7, inputChannels: 512, outputChannels: 512 }),
      ),
    ).toBe(1);
  });
});
