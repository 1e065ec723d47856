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
import { packConvolution, packRows } from './pack-weights.js';
import { VECTOR_BYTES, type Constant, type FeatureMap, type Step } from './step.js';
import { FLOAT32, type Storage } from './storage.js';
import type { ConvolutionShape, TilingChoice } from './tiling.js';

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
  readonly channels: number;
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
  storage: Storage,
  choose: TilingChoice,
): { steps: Step[]; map: FeatureMap } {
  const { conv1, conv2, shortcut } = block;
  const steps: Step[] = [];
  const first = planConvolution(input, conv1, shortcut, storage, { choose, isFinished: true });
  steps.push(first.step);
  let hidden: FeatureMap = first.convolved;
  if (first.convolved.slices > 1) {
    const added = planFinish(conv1.name, first.convolved, storage);
    steps.push(added.step);
    hidden = added.map;
  }
  const second = planConvolution(hidden, conv2, undefined, storage, { choose, isFinished: false });
  const taps = attention === 'eca' ? ecaKernelSize(conv2.outputChannels) : 0;
  const finish = planFinish(conv2.name, second.convolved, storage, {
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
  storage: Storage,
  options: { readonly choose: TilingChoice; readonly isFinished: boolean },
): { step: Step; convolved: Convolved } {
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
  const tiling = options.choose(shape);
  const workgroups = convolutionWorkgroups(shape, tiling);
  const sums = workgroups[1] * tiling.slices;
  const bytes = tiling.slices * side ** 2 * outputQuads * storage.bytes;
  const value = { label: conv.name, bytes };
  const channelSums = {
    label: `${conv.name}.sums`,
    bytes: sums * outputQuads * VECTOR_BYTES,
  };
  const sideways = shortcut && { label: shortcut.name, bytes };
  const bias = planBias(conv, options.isFinished);
  return {
    step: {
      kernel: convolutionKernel(shape, tiling, storage),
      workgroups,
      bound: [
        input.value,
        { label: `${conv.name}.weight`, storage, ...packConvolution(conv, shortcut, tiling) },
        ...(tiling.slices > 1 ? [] : [bias]),
        value,
        channelSums,
        ...(sideways ? [sideways] : []),
      ],
    },
    convolved: {
      value,
      side,
      quads: outputQuads,
      channels: conv.outputChannels,
      slices: tiling.slices,
      channelSums,
      sums,
      shortcut: sideways,
    },
  };
}

/** A convolution's bias and the lower bound of the sums it is added to; or none of both. */
function planBias({ name, outputChannels }: ConvolutionSpec, isFinished: boolean): Constant {
  const row = { weight: isFinished ? `${name}.bias` : undefined, length: outputChannels };
  const bound = new Float32Array(4).fill(isFinished ? 0 : UNBOUNDED);
  return {
    label: `${name}.bias`,
    storage: FLOAT32,
    ...packRows(row, { length: bound.length }),
    values: { firstVector: quads(outputChannels), data: bound },
  };
}

/** ReLU(s * (slices + bias) + shortcut): without options, what a sliced conv1 still lacks. */
function planFinish(
  name: string,
  convolved: Convolved,
  storage: Storage,
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
  const { side, channels, slices, sums } = convolved;
  const layer = {
    rows: side ** 2,
    quads: convolved.quads,
    slices,
    sums,
    shortcutSlices: shortcut?.slices ?? 0,
    attentionTaps: attention?.taps ?? 0,
  };
  const vectors = packRows(
    { weight: `${name}.bias`, length: channels },
    {
      weight: shortcut?.name === undefined ? undefined : `${shortcut.name}.bias`,
      length: channels,
    },
    { weight: attention?.name, length: attention?.taps ?? 0 },
  );
  const uniform = finishUniform(layer);
  const value = {
    label: `${name}.finished`,
    bytes: side ** 2 * convolved.quads * storage.bytes,
  };
  return {
    step: {
      kernel: finishKernel(storage),
      workgroups: finishWorkgroups(layer),
      bound: [
        {
          label: `${name}.layer`,
          storage: FLOAT32,
          vectors: quads(uniform.length),
          gathers: [],
          values: { firstVector: 0, data: uniform },
        },
        convolved.value,
        convolved.channelSums,
        shortcut?.value ?? convolved.value, // without a shortcut it is not read
        { label: `${name}.vectors`, storage: FLOAT32, ...vectors },
        value,
      ],
    },
    map: { value, side, quads: convolved.quads },
  };
}
