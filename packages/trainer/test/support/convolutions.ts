import { randomValues, type Values } from './gradients.js';

/** A convolution as ResNet-18 has them, small. */
export interface Geometry {
  readonly name: string;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  readonly height: number;
  readonly width: number;
}

/** Kernels 1, 3 and 7 at strides 1 and 2, over even and odd heights and widths. */
export const CONVOLUTIONS: readonly Geometry[] = (
  [
    [1, 1, 4, 5],
    [1, 2, 4, 4],
    [1, 2, 5, 5],
    [1, 2, 4, 5],
    [3, 1, 4, 5],
    [3, 1, 1, 1],
    [3, 2, 6, 6],
    [3, 2, 7, 7],
    [3, 2, 7, 6],
    [7, 1, 5, 6],
    [7, 2, 8, 8],
    [7, 2, 9, 9],
    [7, 2, 8, 9],
  ] as const
).map(([kernelSize, stride, height, width]) => ({
  name: `${kernelSize}x${kernelSize}, stride ${stride}, ${height}x${width}`,
  kernelSize,
  stride,
  padding: (kernelSize - 1) / 2,
  height,
  width,
}));

/** Two images of two channels, and a filter to three. */
export function convolutionInputs({ kernelSize: k, height, width }: Geometry): [Values, Values] {
  return [randomValues([2, height, width, 2], 1), randomValues([k, k, 2, 3], 2)];
}
