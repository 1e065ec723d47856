import {
  blockSpecs,
  ecaKernelSize,
  stemSpec,
  type BlockSpec,
  type NetworkConfig,
} from 'emotion-cam/network';
import { NORMALISE } from './batch-norm-kernels.js';
import {
  ATTENTION,
  ATTENTION_GRADIENT,
  ATTENTION_KERNEL_GRADIENT,
  blockEndKernel,
  MOST_TAPS,
} from './block-kernels.js';
import { stridedSide } from './convolution-shape.js';
import type { FeatureMap, PlanBuilder, Value } from './plan-builder.js';
import {
  planConvolution,
  planFilterGradient,
  planGradientSums,
  planInputGradient,
  planNormGradient,
  type ConvolutionLayer,
} from './plan-layer.js';
import { POOL, POOL_GRADIENT } from './pool-kernels.js';
import { PART_VECTORS } from './slice-sums.js';

/** A part of the forward pass that has been planned, and how its backward pass is. */
export interface Planned {
  readonly map: FeatureMap;
  /** Plans the way back; dL/d(the map) is given, and may be overwritten. @returns dL/d(its input) */
  readonly planBackward: (gradient: Value) => Value;
}

/**
 * ECA-ResNet, forward; its way back ends at the filters of the first convolution.
 *
 * @param images - with their border, as `convolutionKernel` reads them
 * @param imageSize - S
 */
export function planBackbone(
  plan: PlanBuilder,
  network: NetworkConfig,
  images: Value,
  imageSize: number,
): { readonly map: FeatureMap; readonly planBackward: (gradient: Value) => void } {
  const stem = planStem(plan, network, images, imageSize);
  const blocks: Planned[] = [];
  let { map } = stem;
  for (const spec of blockSpecs(network)) {
    const block = planBlock(plan, network, spec, map);
    blocks.push(block);
    ({ map } = block);
  }
  return {
    map,
    planBackward: (gradient) => {
      const arrived = blocks.reduceRight((value, block) => block.planBackward(value), gradient);
      stem.planBackward(arrived);
    },
  };
}

function planStem(
  plan: PlanBuilder,
  network: NetworkConfig,
  images: Value,
  imageSize: number,
): { readonly map: FeatureMap; readonly planBackward: (gradient: Value) => void } {
  const layer = planConvolution(plan, stemSpec(network), images, imageSize);
  const { side, quads } = layer.map;
  const map = plan.map('stem pooled', stridedSide(side, 2), quads);
  const places = plan.floats('stem places', plan.sizeOf(map));
  const count = plan.sizeOf(map);
  const sizes = { quads, side, pooledSide: map.side };
  plan.runLinear(POOL, count, [layer.map.value, layer.norm, map.value, places], {
    ...sizes,
    count,
  });
  return {
    map,
    planBackward: (arrived) => {
      const gradient = plan.map('stem gradient', side, quads);
      const size = plan.sizeOf(gradient);
      plan.runLinear(POOL_GRADIENT, size, [arrived, places, gradient.value], {
        ...sizes,
        count: size,
      });
      const sums = planGradientSums(plan, layer, gradient.value, undefined);
      planNormGradient(plan, layer, gradient.value, { sums, parts: partsOf(plan, layer) });
      planFilterGradient(plan, layer, gradient.value);
    },
  };
}

/** Parts of all images whose sums are added up by themselves. */
function partsOf({ images }: PlanBuilder, { slicing }: ConvolutionLayer): number {
  return images * slicing.slices;
}

/** conv1 and ReLU, conv2 and attention, the shortcut, ReLU; and back. */
function planBlock(
  plan: PlanBuilder,
  network: NetworkConfig,
  spec: BlockSpec,
  input: FeatureMap,
): Planned {
  const conv1 = planConvolution(plan, spec.conv1, input.value, input.side);
  const hidden = plan.map(`${spec.name} hidden`, conv1.map.side, conv1.map.quads);
  const count = plan.sizeOf(hidden);
  const { quads, side } = hidden;
  plan.runLinear(NORMALISE, count, [conv1.map.value, conv1.norm, hidden.value], { count, quads });
  const conv2 = planConvolution(plan, spec.conv2, hidden.value, side);
  const attention =
    network.attention === 'eca' ? planAttention(plan, conv2, `${spec.name}.eca.weight`) : undefined;
  const shortcut = spec.shortcut && planConvolution(plan, spec.shortcut, input.value, input.side);
  const output = plan.map(spec.name, side, quads);
  plan.runLinear(
    blockEndKernel({ isAttended: attention !== undefined, hasConvolution: shortcut !== undefined }),
    count,
    [
      ...[conv2.map.value, conv2.norm],
      ...(attention ? [attention.scale] : []),
      ...(shortcut ? [shortcut.map.value, shortcut.norm] : [input.value]),
      output.value,
    ],
    { count, quads, imageQuads: side ** 2 * quads },
  );
  return {
    map: output,
    planBackward: (gradient) => {
      // ReLU's part of the gradient, which the shortcut gets too, stays in `gradient`.
      const mask = output.value;
      const sums = planGradientSums(plan, conv2, gradient, mask);
      const attended = attention?.planBackward(sums);
      const dConv2 = plan.map(`${spec.name} conv2 gradient`, side, quads);
      planNormGradient(
        plan,
        conv2,
        gradient,
        attended
          ? { sums: attended.sums, parts: plan.images }
          : { sums, parts: partsOf(plan, conv2) },
        {
          mask,
          attention: attention && attended && { scale: attention.scale, spread: attended.spread },
          result: dConv2.value,
        },
      );
      planFilterGradient(plan, conv2, dConv2.value);
      const dHidden = plan.map(`${spec.name} hidden gradient`, side, quads).value;
      planInputGradient(plan, conv2, dConv2.value, dHidden, { isAdded: false });
      const sums1 = planGradientSums(plan, conv1, dHidden, hidden.value);
      const parts1 = { sums: sums1, parts: partsOf(plan, conv1) };
      planNormGradient(plan, conv1, dHidden, parts1, { mask: hidden.value });
      planFilterGradient(plan, conv1, dHidden);
      if (!shortcut) {
        planInputGradient(plan, conv1, dHidden, gradient, { isAdded: true });
        return gradient;
      }
      const dInput = plan.map(`${spec.name} input gradient`, input.side, input.quads).value;
      planInputGradient(plan, conv1, dHidden, dInput, { isAdded: false });
      const sumsS = planGradientSums(plan, shortcut, gradient, undefined);
      planNormGradient(plan, shortcut, gradient, { sums: sumsS, parts: partsOf(plan, shortcut) });
      planFilterGradient(plan, shortcut, gradient);
      planInputGradient(plan, shortcut, gradient, dInput, { isAdded: true });
      return dInput;
    },
  };
}

/** s of channel attention, [N,C]. */
function planAttention(
  plan: PlanBuilder,
  layer: ConvolutionLayer,
  weight: string,
): {
  readonly scale: Value;
  /** @param sums - of dL/dz and dL/dz * xhat over the parts of the map; @returns those of dL/dy over images */
  readonly planBackward: (sums: Value) => { readonly sums: Value; readonly spread: Value };
} {
  const { name, map, slicing, moments, norm } = layer;
  const { images } = plan;
  const channels = map.quads * 4;
  const taps = ecaKernelSize(channels);
  const sizes = { ...slicing, channels, taps };
  const scale = plan.floats(`${name} attention`, images * channels);
  plan.run(ATTENTION, [images], [moments, norm, plan.parameter(weight), scale], sizes);
  return {
    scale,
    planBackward: (parts) => {
      const count = images * map.quads * PART_VECTORS;
      const sums = plan.vectors(`${name} attended gradient sums`, count);
      const spread = plan.floats(`${name} attention spread`, images * channels);
      const shares = plan.floats(`${name} attention shares`, images * MOST_TAPS);
      plan.run(
        ATTENTION_GRADIENT,
        [images],
        [parts, moments, norm, plan.parameter(weight), scale, sums, spread, shares],
        sizes,
      );
      plan.runLinear(ATTENTION_KERNEL_GRADIENT, taps, [shares, plan.gradient(weight)], {
        taps,
        images,
      });
      return { sums, spread };
    },
  };
}
