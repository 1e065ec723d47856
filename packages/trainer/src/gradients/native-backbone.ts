import {
  BATCH_NORM_EPSILON,
  backboneFeatures,
  blockSpecs,
  ecaKernelSize,
  stemSpec,
  type ConvolutionSpec,
  type NetworkConfig,
} from 'emotion-cam/network';
import type { ArenaLayout } from '../arena.js';
import type { TrainingConfig } from '../config.js';
import type { NativeModule } from '../native.js';

/** Images and what the plan of the native backbone depends on besides the configuration. */
interface Input {
  /** Normalised RGB, [N,S,S,3]. */
  readonly images: Float32Array;
  readonly count: number;
  readonly imageSize: number;
}

/**
 * The backbone's forward pass on the native back end.
 *
 * @param statistics - written: the batch's mean and unbiased variance of every layer
 * @returns the means over the last map, [N,p]
 */
export function nativeFeatures(
  native: NativeModule,
  { images, count, imageSize }: Input,
  arena: Float32Array,
  layout: ArenaLayout,
  config: TrainingConfig,
  statistics: Float32Array,
): Float32Array {
  const { network, precision } = config;
  const features = new Float32Array(count * backboneFeatures(network));
  const plan = backbonePlan(network, layout, count, imageSize, precision);
  native.backboneForward(plan, BATCH_NORM_EPSILON, arena, images, features, statistics);
  return features;
}

/** Whether a parameter belongs to the backbone, whose gradients the native module writes itself. */
export function isOfBackbone(parameter: string, network: NetworkConfig): boolean {
  const parts = [stemSpec(network), ...blockSpecs(network)];
  return parts.some(({ name }) => parameter.startsWith(`${name}.`));
}

/**
 * Shapes and places of the backbone's layers as native/backbone.cc reads them (its `Plan`,
 * `BlockPlan` and `LayerPlan`).
 */
function backbonePlan(
  network: NetworkConfig,
  layout: ArenaLayout,
  images: number,
  imageSize: number,
  precision: TrainingConfig['precision'],
): Int32Array {
  const offsets = new Map(layout.slots.map(({ name, offset }) => [name, offset]));
  const layer = (spec: ConvolutionSpec | undefined): number[] => {
    if (!spec) return [0, 0, 0, 0, 0, 0, 0, 0, 0];
    const { name, inputChannels, outputChannels, kernelSize, stride } = spec;
    const parts = ['weight', 'gamma', 'beta', 'mean', 'variance'];
    const places = parts.map((part) => offsets.get(`${name}.${part}`)!);
    return [inputChannels, outputChannels, kernelSize, stride, ...places];
  };
  const attention = (name: string, channels: number): number[] =>
    network.attention === 'eca'
      ? [ecaKernelSize(channels), offsets.get(`${name}.eca.weight`)!]
      : [0, 0];
  const blocks = blockSpecs(network).flatMap(({ name, conv1, conv2, shortcut }) => [
    ...[conv1, conv2, shortcut].flatMap(layer),
    ...attention(name, conv2.outputChannels),
  ]);
  return Int32Array.of(
    images,
    imageSize,
    precision === 'bfloat16' ? 1 : 0,
    layout.total,
    ...layer(stemSpec(network)),
    ...blocks,
  );
}
