import type { StoredArray } from './safetensors.js';

/** What torchvision calls the parts of a batch normalisation, and what we do. */
const BATCH_NORM_PARTS: Readonly<Record<string, string>> = {
  weight: 'gamma',
  bias: 'beta',
  running_mean: 'mean',
  running_var: 'variance',
};

/** The layer of ours that a module of torchvision's ResNet is, and whether it is a convolution. */
function layerOf(module: string): { layer: string; isConvolution: boolean } | undefined {
  const stem = /^(conv|bn)1$/.exec(module);
  if (stem) return { layer: 'stem', isConvolution: stem[1] === 'conv' };
  const [, stage, block, rest = ''] = /^layer(\d+)\.(\d+)\.(.+)$/.exec(module) ?? [];
  const name = `stage${stage}.block${Number(block) + 1}`;
  const main = /^(conv|bn)([12])$/.exec(rest);
  if (main) return { layer: `${name}.conv${main[2]}`, isConvolution: main[1] === 'conv' };
  const shortcut = /^downsample\.([01])$/.exec(rest);
  if (!shortcut) return undefined;
  return { layer: `${name}.shortcut`, isConvolution: shortcut[1] === '0' };
}

/**
 * Our name of an array in a state dictionary of torchvision's `resnet18`, whose layers are those of
 * our backbone without attention: `layer2.0.downsample.1.running_var` is
 * `stage2.block1.shortcut.variance`. Nothing for what we do not have (`fc`, `num_batches_tracked`).
 */
export function ourName(theirs: string): string | undefined {
  const cut = theirs.lastIndexOf('.');
  const part = theirs.slice(cut + 1);
  const found = layerOf(theirs.slice(0, cut));
  if (!found) return undefined;
  const ours = found.isConvolution
    ? part === 'weight' && 'weight'
    : Object.hasOwn(BATCH_NORM_PARTS, part) && BATCH_NORM_PARTS[part];
  return ours ? `${found.layer}.${ours}` : undefined;
}

/** Whether a file's arrays are named as torchvision's ResNet names them. */
export function isTorchvision(arrays: readonly StoredArray[]): boolean {
  const names = new Set(arrays.map(({ name }) => name));
  return names.has('conv1.weight') && names.has('layer1.0.conv1.weight');
}

/** The array under our name, kernels [Cout,Cin,kh,kw] turned to [kh,kw,Cin,Cout]. */
export function asOurs(array: StoredArray, name: string): StoredArray {
  if (array.shape.length !== 4) return { ...array, name };
  const [outputs, inputs, kh, kw] = array.shape as [number, number, number, number];
  return {
    ...array,
    name,
    shape: [kh, kw, inputs, outputs],
    read: () => {
      const values = array.read();
      const out = new Float32Array(values.length);
      let from = 0;
      for (let output = 0; output < outputs; output++) {
        for (let input = 0; input < inputs; input++) {
          for (let position = 0; position < kh * kw; position++) {
            out[(position * inputs + input) * outputs + output] = values[from++]!;
          }
        }
      }
      return out;
    },
  };
}
