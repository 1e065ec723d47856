import type { Tensor } from '@tensorflow/tfjs-core';
import { CLASS_COUNT, ecaKernelSize, type NetworkConfig } from './config.js';

/** The network's weights by name; the names and shapes are those of {@link weightSpecs}. */
export type Weights = Readonly<Record<string, Tensor>>;

/** One named weight. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * `kernel`: convolution and FC kernels, the only ones that L_W penalises; `bias`: additive;
   * `scale`: batch normalisation's gamma; `statistic`: running mean and variance, not trained.
   */
  readonly kind: 'kernel' | 'bias' | 'scale' | 'statistic';
}

/** A convolution of the backbone and the batch normalisation after it. */
export interface ConvolutionSpec {
  readonly name: string;
  readonly kernelSize: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly stride: number;
}

/** A residual block of the backbone: its convolutions and its attention. */
export interface BlockSpec {
  readonly name: string;
  readonly conv1: ConvolutionSpec;
  readonly conv2: ConvolutionSpec;
  /** Only where the shape changes (conv 1x1 and batch normalisation). */
  readonly shortcut: ConvolutionSpec | undefined;
}

/** The stem's convolution: 7x7, stride 2. */
export function stemSpec(config: NetworkConfig): ConvolutionSpec {
  return {
    name: 'stem',
    kernelSize: 7,
    inputChannels: 3,
    outputChannels: config.width,
    stride: 2,
  };
}

/** All residual blocks, first to last. */
export function blockSpecs(config: NetworkConfig): BlockSpec[] {
  const blocks: BlockSpec[] = [];
  let inputChannels = config.width;
  config.blocks.forEach((count, stage) => {
    const outputChannels = config.width * 2 ** stage;
    for (let index = 0; index < count; index++) {
      const name = `stage${stage + 1}.block${index + 1}`;
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const changesShape = stride !== 1 || inputChannels !== outputChannels;
      const common = { outputChannels, kernelSize: 3 };
      blocks.push({
        name,
        conv1: { ...common, name: `${name}.conv1`, inputChannels, stride },
        conv2: { ...common, name: `${name}.conv2`, inputChannels: outputChannels, stride: 1 },
        shortcut: changesShape
          ? { name: `${name}.shortcut`, kernelSize: 1, inputChannels, outputChannels, stride }
          : undefined,
      });
      inputChannels = outputChannels;
    }
  });
  return blocks;
}

/** p, the number of features that the backbone hands to the head (512 for ResNet-18). */
export function backboneFeatures(config: NetworkConfig): number {
  return config.width * 2 ** (config.blocks.length - 1);
}

/**
 * Names, shapes and kinds of all weights, in the order of the weight files.
 *
 * @param options.folded - `true`: batch normalisation is folded into `<layer>.weight` and
 *   `<layer>.bias`, as in `models/`; `false`: it is separate, as in training.
 * @param options.outputs - K, the outputs of the linear head; the seven expressions unless the
 *   backbone is pre-trained on something else
 */
export function weightSpecs(
  config: NetworkConfig,
  options: { folded: boolean; outputs?: number },
): WeightSpec[] {
  const { outputs = CLASS_COUNT } = options;
  const specs: WeightSpec[] = [];
  const add = (name: string, shape: readonly number[], kind: WeightSpec['kind']): void => {
    specs.push({ name, shape, kind });
  };
  const addConvolution = (conv: ConvolutionSpec): void => {
    const { name, kernelSize, inputChannels, outputChannels } = conv;
    add(`${name}.weight`, [kernelSize, kernelSize, inputChannels, outputChannels], 'kernel');
    if (options.folded) {
      add(`${name}.bias`, [outputChannels], 'bias');
      return;
    }
    add(`${name}.gamma`, [outputChannels], 'scale');
    add(`${name}.beta`, [outputChannels], 'bias');
    add(`${name}.mean`, [outputChannels], 'statistic');
    add(`${name}.variance`, [outputChannels], 'statistic');
  };

  addConvolution(stemSpec(config));
  for (const block of blockSpecs(config)) {
    addConvolution(block.conv1);
    addConvolution(block.conv2);
    if (config.attention === 'eca') {
      add(`${block.name}.eca.weight`, [ecaKernelSize(block.conv2.outputChannels)], 'kernel');
    }
    if (block.shortcut) addConvolution(block.shortcut);
  }

  const features = backboneFeatures(config);
  if (config.head === 'linear') {
    add('linear.weight', [features, outputs], 'kernel');
    add('linear.bias', [outputs], 'bias');
    return specs;
  }
  const { latentFeatures: m, latentWidth: d } = config;
  add('fdn.weight', [features, m * d], 'kernel'); // W_d1 .. W_dM side by side
  add('fdn.bias', [m * d], 'bias');
  add('frn.intra.weight', [m, d, d], 'kernel'); // W_s1 .. W_sM
  add('frn.intra.bias', [m, 1, d], 'bias');
  add('frn.inter.weight', [m, d, d], 'kernel'); // W_e1 .. W_eM
  add('frn.inter.bias', [m, 1, d], 'bias');
  add('epn.weight', [d, CLASS_COUNT], 'kernel');
  add('epn.bias', [CLASS_COUNT], 'bias');
  return specs;
}

/** Number of trainable values (running statistics are not trained). */
export function parameterCount(config: NetworkConfig): number {
  return weightSpecs(config, { folded: false })
    .filter((spec) => spec.kind !== 'statistic')
    .reduce((total, spec) => total + spec.shape.reduce((a, b) => a * b, 1), 0);
}

/**
 * The named weight.
 *
 * @throws {RangeError} if it is missing: the weights belong to another configuration.
 */
export function weight(weights: Weights, name: string): Tensor {
  const found = weights[name];
  if (!found) {
    throw new RangeError(
      `The weights hold no "${name}": they belong to another network configuration. ` +
        `They hold: ${Object.keys(weights).slice(0, 6).join(', ')}, …`,
    );
  }
  return found;
}
