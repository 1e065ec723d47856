import type { ConvolutionSpec } from 'emotion-cam/network';
import {
  FINISH_GRADIENT_SUMS,
  gradientSumsKernel,
  NORM_GRADIENT_VECTORS,
  normGradientKernel,
  type GradientPath,
} from './batch-norm-gradient-kernels.js';
import { FINISH_MOMENTS, MOMENTS, NORM_VECTORS } from './batch-norm-kernels.js';
import {
  convolutionKernel,
  convolutionWorkgroups,
  inputGradientKernel,
  inputGradientWorkgroups,
} from './convolution-kernels.js';
import { shapeOf, type ConvolutionShape } from './convolution-shape.js';
import {
  ADD_SLICES,
  filterGradientKernel,
  filterGradientSlices,
  filterGradientWorkgroups,
} from './filter-gradient-kernel.js';
import type { FeatureMap, PlanBuilder, Value } from './plan-builder.js';
import { PART_VECTORS, slicingOf, type Slicing } from './slice-sums.js';

/** A convolution and what its batch normalisation needs, after the forward pass. */
export interface ConvolutionLayer {
  readonly name: string;
  readonly shape: ConvolutionShape;
  readonly input: Value;
  /** Before normalisation. */
  readonly map: FeatureMap;
  readonly slicing: Slicing;
  /** Moments of the map's parts. */
  readonly moments: Value;
  readonly norm: Value;
}

/** A convolution, and the statistics of its result. */
export function planConvolution(
  plan: PlanBuilder,
  spec: ConvolutionSpec,
  input: Value,
  inputSide: number,
): ConvolutionLayer {
  const { name } = spec;
  const { images } = plan;
  const shape = shapeOf(spec, images, inputSide);
  const quads = shape.outputChannels / 4;
  const map = plan.map(name, shape.outputSide, quads);
  plan.run(
    convolutionKernel(shape),
    convolutionWorkgroups(shape),
    [input, plan.parameter(`${name}.weight`), map.value],
    {},
  );
  const slicing = slicingOf(images, map.side, quads);
  const parts = images * slicing.slices * quads * PART_VECTORS;
  const moments = plan.vectors(`${name} moments`, parts);
  const norm = plan.vectors(`${name} norm`, quads * NORM_VECTORS);
  plan.run(MOMENTS, slicing.workgroups, [map.value, moments], slicing);
  plan.run(
    FINISH_MOMENTS,
    [quads],
    [
      moments,
      plan.parameter(`${name}.gamma`),
      plan.parameter(`${name}.beta`),
      norm,
      plan.gradient(`${name}.mean`),
      plan.gradient(`${name}.variance`),
    ],
    { ...slicing, images },
  );
  return { name, shape, input, map, slicing, moments, norm };
}

/**
 * Sums of dL/dy and of dL/dy * xhat over the parts of a layer's map.
 *
 * @param mask - the result of ReLU, where it lies between
 */
export function planGradientSums(
  plan: PlanBuilder,
  { name, map, slicing, norm }: ConvolutionLayer,
  gradient: Value,
  mask: Value | undefined,
): Value {
  const count = plan.images * slicing.slices * map.quads * PART_VECTORS;
  const sums = plan.vectors(`${name} gradient sums`, count);
  plan.run(
    gradientSumsKernel(mask !== undefined),
    slicing.workgroups,
    [gradient, ...(mask ? [mask] : []), map.value, norm, sums],
    slicing,
  );
  return sums;
}

/** What lies between a layer's normalisation and the gradient that arrives, and where dL/dx goes. */
interface NormGradientOptions {
  readonly mask?: Value | undefined;
  /** s of the attention, and what its mean adds to every pixel. */
  readonly attention?: { readonly scale: Value; readonly spread: Value } | undefined;
  /** Gets dL/dx; in the gradient's place if not given. */
  readonly result?: Value;
}

/**
 * The gradient of batch normalisation, from sums over parts of the map: dL/dgamma, dL/dbeta, and dL/dx.
 *
 * @param parts - of all images together
 */
export function planNormGradient(
  plan: PlanBuilder,
  { name, map, norm }: ConvolutionLayer,
  gradient: Value,
  { sums, parts }: { readonly sums: Value; readonly parts: number },
  { mask, attention, result }: NormGradientOptions = {},
): void {
  const { quads, side } = map;
  const means = plan.vectors(`${name} gradient means`, quads * NORM_GRADIENT_VECTORS);
  plan.run(
    FINISH_GRADIENT_SUMS,
    [quads],
    [sums, means, plan.gradient(`${name}.gamma`), plan.gradient(`${name}.beta`)],
    { parts, quads, count: plan.images * side ** 2 },
  );
  const path: GradientPath = {
    isMasked: mask !== undefined,
    isAttended: attention !== undefined,
    isKept: result !== undefined,
  };
  const count = plan.sizeOf(map);
  plan.runLinear(
    normGradientKernel(path),
    count,
    [
      ...[map.value, norm, means],
      ...(mask ? [mask] : []),
      ...(attention ? [attention.scale, attention.spread] : []),
      gradient,
      ...(result ? [result] : []),
    ],
    { count, quads, imageQuads: side ** 2 * quads },
  );
}

/** dL/dW of a layer's convolution. */
export function planFilterGradient(
  plan: PlanBuilder,
  { name, shape, input }: ConvolutionLayer,
  gradient: Value,
): void {
  const slices = filterGradientSlices(shape);
  const target = plan.gradient(`${name}.weight`);
  const count = (shape.kernelSize ** 2 * shape.inputChannels * shape.outputChannels) / 4;
  const parts = slices > 1 ? plan.vectors(`${name} filter parts`, slices * count) : target;
  const workgroups = filterGradientWorkgroups(shape);
  plan.run(filterGradientKernel(shape), workgroups, [input, gradient, parts], {});
  if (slices > 1) plan.runLinear(ADD_SLICES, count, [parts, target], { count, slices });
}

/** dL/dx of a layer's convolution, written, or added to what is there. */
export function planInputGradient(
  plan: PlanBuilder,
  { name, shape }: ConvolutionLayer,
  gradient: Value,
  result: Value,
  options: { readonly isAdded: boolean },
): void {
  plan.run(
    inputGradientKernel(shape, options.isAdded),
    inputGradientWorkgroups(shape),
    [gradient, plan.parameter(`${name}.weight`), result],
    {},
  );
}
