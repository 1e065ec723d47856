import type { TensorEntry } from '../network/manifest.js';
import {
  EXPAND_CODE,
  expansionUniform,
  expansionWorkgroups,
  GATHER_UNIFORM_BYTES,
  type Expansion,
} from './expand-kernel.js';
import { FLOAT32 } from './storage.js';
import type { Constant } from './step.js';

/** Weights as a model's files hold them. */
export interface StoredWeights {
  readonly tensors: readonly TensorEntry[];
  /** All files, one after the other. */
  readonly bytes: Uint8Array;
}

/** Compiles what unpacks weights. */
export function compileExpansion(device: GPUDevice): Promise<GPUComputePipeline> {
  const { COMPUTE } = GPUShaderStage;
  const buffers: GPUBufferBindingLayout[] = [
    { type: 'uniform', hasDynamicOffset: true },
    { type: 'read-only-storage' },
    { type: 'read-only-storage' },
    { type: 'storage' },
  ];
  const entries = buffers.map((buffer, binding) => ({ binding, visibility: COMPUTE, buffer }));
  return device.createComputePipelineAsync({
    label: 'expand',
    layout: device.createPipelineLayout({
      bindGroupLayouts: [device.createBindGroupLayout({ label: 'expand', entries })],
    }),
    compute: { module: device.createShaderModule({ label: 'expand', code: EXPAND_CODE }) },
  });
}

/**
 * Uploads weights as they are stored, a quarter or half of their size in use, and lets the device put
 * them into constants.
 *
 * @param constants - by the byte at which they begin in `target`, a multiple of 8
 * @throws {RangeError} there is no weight of a name that a constant asks for
 */
export function expandWeights(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  { tensors, bytes }: StoredWeights,
  constants: ReadonlyMap<Constant, number>,
  target: GPUBuffer,
): void {
  const scales = new Scales(tensors);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const expansions = [...constants].flatMap(([{ gathers, storage }, constantOffset]) =>
    gathers.map((gather): Expansion => {
      const tensor = byName.get(gather.weight);
      if (!tensor) throw new RangeError(`The weights hold no "${gather.weight}".`);
      const firstScale = scales.firstOf(tensor);
      return { gather, tensor, firstScale, constantOffset, isHalf: storage !== FLOAT32 };
    }),
  );
  const uniforms = new Uint8Array(expansions.length * GATHER_UNIFORM_BYTES);
  expansions.forEach((expansion, index) => {
    const { buffer } = expansionUniform(expansion);
    uniforms.set(new Uint8Array(buffer), index * GATHER_UNIFORM_BYTES);
  });

  const upload = (label: string, contents: Uint8Array, usage: number): GPUBuffer => {
    const size = Math.ceil(contents.length / 8) * 8 + 8; // whole words, and one to look beyond the end
    const buffer = device.createBuffer({ label, size, usage, mappedAtCreation: true });
    new Uint8Array(buffer.getMappedRange()).set(contents);
    buffer.unmap();
    return buffer;
  };
  const { STORAGE, UNIFORM } = GPUBufferUsage;
  const uploaded = [
    upload('emotion-cam gathers', uniforms, UNIFORM),
    upload('emotion-cam stored weights', bytes, STORAGE),
    upload('emotion-cam scales', new Uint8Array(scales.pairs.buffer), STORAGE),
  ] as const;
  const bindGroup = device.createBindGroup({
    label: 'expand',
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      { binding: 0, resource: { buffer: uploaded[0], size: GATHER_UNIFORM_BYTES } },
      { binding: 1, resource: { buffer: uploaded[1] } },
      { binding: 2, resource: { buffer: uploaded[2] } },
      { binding: 3, resource: { buffer: target } },
    ],
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  expansions.forEach(({ gather }, index) => {
    pass.setBindGroup(0, bindGroup, [index * GATHER_UNIFORM_BYTES]);
    pass.dispatchWorkgroups(...expansionWorkgroups(gather));
  });
  pass.end();
  device.queue.submit([encoder.finish()]);
  for (const buffer of uploaded) buffer.destroy(); // once what was submitted is done
}

/** Scale and minimum of each channel of all uint8 tensors, one after the other. */
class Scales {
  readonly pairs: Float32Array<ArrayBuffer>;
  readonly #firsts: Map<TensorEntry, number> = new Map();

  constructor(tensors: readonly TensorEntry[]) {
    const pairs: number[] = [];
    for (const tensor of tensors) {
      const { scale = [], min = [] } = tensor;
      this.#firsts.set(tensor, pairs.length / 2);
      scale.forEach((value, channel) => pairs.push(value, min[channel]!));
    }
    this.pairs = Float32Array.from(pairs);
  }

  firstOf(tensor: TensorEntry): number {
    return this.#firsts.get(tensor)!;
  }
}
