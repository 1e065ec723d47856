import { ecaKernelSize, type NetworkConfig } from '../network/config.js';
import type { BlockSpec, ConvolutionSpec } from '../network/weights.js';
import type { Value } from './arena.js';
import { convolutionKernel, convolutionWorkgroups } from './convolution-kernel.js';
import {
  finishKernel,
  finishUniform,
  finishWorkgroups,
  LARGEST_ATTENTION_KERNEL,
} from './finish-kernel.js';
import { quads } from './kernel.js';
import { packBias, packConvolution, packVectors } from './pack-weights.js';
import { VECTOR_BYTES, type FeatureMap, type PlanSource, type Step } from './step.js';
import { chooseTiling, type ConvolutionShape } from './tiling.js';

/** A lower bound that bounds nothing: the smallest float32. */
const UNBOUNDED = -3.4028234663852886e38;

/** A convolution's results before attention and addition, with what is needed to finish them. */
interface Convolved extends FeatureMap {
  /** Partial results to add up: 1 unless sliced. */
  readonly slices: number;
  readonly channelSums: Value;
  readonly sums: number;
  /** Of the block's 1x1 shortcut, in as many slices. */
  readonly shortcut: Value | undefined;
}

/**
 * A basic block in three dispatches: conv1 with bias and ReLU, and with the shortcut's convolution where
 * there is one; conv2 with its channel sums; attention, addition and ReLU. On small maps convolutions
 * are sliced: one more dispatch then adds up conv1's slices, and the last adds up conv2's.
 *
 * @throws {RangeError} the attention's kernel is larger than the last dispatch provides for
 */
export function planBlock(
  input: FeatureMap,
  block: BlockSpec,
  attention: NetworkConfig['attention'],
  source: PlanSource,
): { steps: Step[]; map: FeatureMap } {
  const { conv1, conv2, shortcut } = block;
  const steps: Step[] = [];
  const first = planConvolution(input, conv1, shortcut, source, { isFinished: true });
  steps.push(first.step);
  let hidden: FeatureMap = first.convolved;
  if (first.convolved.slices > 1) {
    const added = planFinish(conv1.name, first.convolved, source);
    steps.push(added.step);
    hidden = added.map;
  }
  const second = planConvolution(hidden, conv2, undefined, source, { isFinished: false });
  const taps = attention === 'eca' ? ecaKernelSize(conv2.outputChannels) : 0;
  const finish = planFinish(conv2.name, second.convolved, source, {
    attention: taps > 0 ? { name: `${block.name}.eca.weight`, taps } : undefined,
    shortcut:
      shortcut && first.convolved.shortcut
        ? { value: first.convolved.shortcut, slices: first.convolved.slices, name: shortcut.name }
        : { value: input.value, slices: 1 },
  });
  steps.push(second.step, finish.step);
  return { steps, map: finish.map };
}

/** @param options.isFinished - bias and ReLU belong to it, unless it is sliced */
function planConvolution(
  input: FeatureMap,
  conv: ConvolutionSpec,
  shortcut: ConvolutionSpec | undefined,
  source: PlanSource,
  options: { readonly isFinished: boolean },
): { step: Step; convolved: Convolved } {
  const { read, storage } = source;
  const side = Math.floor((input.side - 1) / conv.stride) + 1;
  const shape: ConvolutionShape = {
    inputSide: input.side,
    inputQuads: input.quads,
    outputSide: side,
    outputQuads: quads(conv.outputChannels),
    stride: conv.stride,
    hasShortcut: shortcut !== undefined,
  };
  const { outputQuads } = shape;
  const tiling = chooseTiling(shape);
  const workgroups = convolutionWorkgroups(shape, tiling);
  const sums = workgroups[1] * tiling.slices;
  const bytes = tiling.slices * side ** 2 * outputQuads * storage.bytes;
  const value = { label: conv.name, bytes };
  const channelSums = {
    label: `${conv.name}.sums`,
    bytes: sums * outputQuads * VECTOR_BYTES,
  };
  const sideways = shortcut && { label: shortcut.name, bytes };
  const bias = options.isFinished
    ? packBias(read(`${conv.name}.bias`), 0)
    : packBias(new Float32Array(conv.outputChannels), UNBOUNDED);
  return {
    step: {
      kernel: convolutionKernel(shape, tiling, storage),
      workgroups,
      bound: [
        input.value,
        {
          label: `${conv.name}.weight`,
          data: storage.encode(packConvolution(read, conv, shortcut, tiling)),
        },
        ...(tiling.slices > 1 ? [] : [{ label: `${conv.name}.bias`, data: bias }]),
        value,
        channelSums,
        ...(sideways ? [sideways] : []),
      ],
    },
    convolved: {
      value,
      side,
      quads: outputQuads,
      slices: tiling.slices,
      channelSums,
      sums,
      shortcut: sideways,
    },
  };
}

/** ReLU(s * (slices + bias) + shortcut): without options, what a sliced conv1 still lacks. */
function planFinish(
  name: string,
  convolved: Convolved,
  source: PlanSource,
  options: {
    readonly attention?: { readonly name: string; readonly taps: number } | undefined;
    /** `name` is that of its bias, if it has one. */
    readonly shortcut?: { readonly value: Value; readonly slices: number; readonly name?: string };
  } = {},
): { step: Step; map: FeatureMap } {
  const { attention, shortcut } = options;
  if (attention && attention.taps > LARGEST_ATTENTION_KERNEL) {
    throw new RangeError(
      `"${attention.name}" has ${attention.taps} taps, the WebGPU plan provides for ` +
        `${LARGEST_ATTENTION_KERNEL}. Run this network on wasm.`,
    );
  }
  const { read, storage } = source;
  const { side, slices, sums } = convolved;
  const bias = read(`${name}.bias`);
  const layer = {
    rows: side ** 2,
    quads: convolved.quads,
    slices,
    sums,
    shortcutSlices: shortcut?.slices ?? 0,
    attentionTaps: attention?.taps ?? 0,
  };
  const vectors = packVectors(
    bias,
    shortcut?.name === undefined ? new Float32Array(bias.length) : read(`${shortcut.name}.bias`),
    attention ? read(attention.name) : [],
  );
  const value = {
    label: `${name}.finished`,
    bytes: side ** 2 * convolved.quads * storage.bytes,
  };
  return {
    step: {
      kernel: finishKernel(storage),
      workgroups: finishWorkgroups(layer),
      bound: [
        { label: `${name}.layer`, data: finishUniform(layer) },
        convolved.value,
        convolved.channelSums,
        shortcut?.value ?? convolved.value, // without a shortcut it is not read
        { label: `${name}.vectors`, data: vectors },
        value,
      ],
    },
    map: { value, side, quads: convolved.quads },
  };
}
