import type { NetworkConfig } from '../network/config.js';
import type { RgbTriple } from '../network/manifest.js';
import { blockSpecs, stemSpec } from '../network/weights.js';
import type { Value, ValueUse } from './arena.js';
import { quads } from './kernel.js';
import { packRows, packStem } from './pack-weights.js';
import { planBlock } from './plan-block.js';
import { planHead } from './plan-head.js';
import { stemKernel, stemSides, stemWorkgroups } from './stem-kernel.js';
import type { FeatureMap, Step } from './step.js';
import { FLOAT32, type Storage } from './storage.js';
import { chooseTiling, type TilingChoice } from './tiling.js';

/** A frame's work from pixels to logits; says nothing of a device. */
export interface NetworkPlan {
  /** RGB, 0..255, float32, [S,S,3]. */
  readonly pixels: Value;
  /** float32, [7], in the order of `EMOTIONS`. */
  readonly logits: Value;
  readonly steps: readonly Step[];
}

/** How pixels are normalised: mean and standard deviation of values in 0..1. */
export interface Normalisation {
  readonly mean: RgbTriple;
  readonly std: RgbTriple;
}

/**
 * Plans FDRL-ECANet, or one of its ablations, for one image.
 *
 * @param storage - of maps and large weights
 * @param choose - the tilings of the convolutions
 * @throws {RangeError} the attention's kernel is larger than the plan provides for
 */
export function planNetwork(
  config: NetworkConfig,
  normalisation: Normalisation,
  storage: Storage,
  choose: TilingChoice = chooseTiling,
): NetworkPlan {
  const pixels: Value = { label: 'pixels', bytes: config.inputSize ** 2 * 3 * 4 };
  const stem = planStem(pixels, config, normalisation, storage);
  const steps: Step[] = [stem.step];
  let map = stem.map;
  for (const block of blockSpecs(config)) {
    const planned = planBlock(map, block, config.attention, storage, choose);
    steps.push(...planned.steps);
    map = planned.map;
  }
  const head = planHead(map, config, storage);
  steps.push(...head.steps);
  return { pixels, logits: head.logits, steps };
}

/** Each block alone, as a plan from its input, in place of pixels, to its result, in place of logits. */
export function planBlocks(
  config: NetworkConfig,
  storage: Storage,
  choose: TilingChoice = chooseTiling,
): NetworkPlan[] {
  let { pooledSide: side } = stemSides(config.inputSize);
  return blockSpecs(config).map((block) => {
    const inputQuads = quads(block.conv1.inputChannels);
    const pixels = { label: 'input', bytes: side ** 2 * inputQuads * storage.bytes };
    const input = { value: pixels, side, quads: inputQuads };
    const { steps, map } = planBlock(input, block, config.attention, storage, choose);
    ({ side } = map);
    return { pixels, logits: map.value, steps };
  });
}

/** What each step does to the values that lie in the arena: all but pixels and logits. */
export function valueUses({ steps, pixels, logits }: NetworkPlan): ValueUse[] {
  return steps.map(({ kernel, bound }) => {
    const bindings = (access: 'read' | 'write'): Value[] =>
      bound.filter(
        (one, index): one is Value =>
          !('gathers' in one) &&
          one !== pixels &&
          one !== logits &&
          kernel.access[index] === access,
      );
    return { reads: bindings('read'), writes: bindings('write') };
  });
}

/** Normalisation, the first convolution and its pooling. */
function planStem(
  pixels: Value,
  config: NetworkConfig,
  { mean, std }: Normalisation,
  storage: Storage,
): { step: Step; map: FeatureMap } {
  const spec = stemSpec(config);
  const to255 = ([r, g, b]: RgbTriple): RgbTriple => [r * 255, g * 255, b * 255];
  const shape = {
    inputSide: config.inputSize,
    ...stemSides(config.inputSize),
    outputQuads: quads(spec.outputChannels),
    mean: to255(mean),
    std: to255(std),
  };
  const { pooledSide: side, outputQuads } = shape;
  const value = { label: spec.name, bytes: side ** 2 * outputQuads * storage.bytes };
  const filters = { label: `${spec.name}.weight`, storage, ...packStem(spec) };
  const bias = {
    label: `${spec.name}.bias`,
    storage: FLOAT32,
    ...packRows({ weight: `${spec.name}.bias`, length: spec.outputChannels }),
  };
  return {
    step: {
      kernel: stemKernel(shape, storage),
      workgroups: stemWorkgroups(shape),
      bound: [pixels, filters, bias, value],
    },
    map: { value, side, quads: outputQuads },
  };
}
