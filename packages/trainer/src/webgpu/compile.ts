import type { Access, Kernel } from './kernel.js';

const BUFFER_TYPE: Readonly<Record<Access, GPUBufferBindingType>> = {
  read: 'read-only-storage',
  write: 'storage',
  update: 'storage',
  uniform: 'uniform',
};

/** What has been made on a device. Plans for other batches share most of their kernels. */
interface Made {
  readonly layouts: Map<string, GPUBindGroupLayout>;
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
}

const made = new WeakMap<GPUDevice, Made>();

function madeOn(device: GPUDevice): Made {
  const known = made.get(device) ?? { layouts: new Map(), pipelines: new Map() };
  made.set(device, known);
  return known;
}

/** The layout of a kernel's bindings. */
export function layoutOf(device: GPUDevice, { access }: Kernel): GPUBindGroupLayout {
  const { layouts } = madeOn(device);
  const key = access.map((one) => BUFFER_TYPE[one]).join();
  const known = layouts.get(key);
  if (known) return known;
  const layout = device.createBindGroupLayout({
    entries: access.map((one, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: BUFFER_TYPE[one] },
    })),
  });
  layouts.set(key, layout);
  return layout;
}

/**
 * A kernel's pipeline, compiled once for each device, not on the calling thread.
 *
 * @throws {Error} the device does not accept it
 */
export function compile(device: GPUDevice, kernel: Kernel): Promise<GPUComputePipeline> {
  const { pipelines } = madeOn(device);
  const { code, label } = kernel;
  const known = pipelines.get(code);
  if (known) return known;
  const pipeline = device.createComputePipelineAsync({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layoutOf(device, kernel)] }),
    compute: { module: device.createShaderModule({ code, label }), entryPoint: 'main' },
  });
  pipelines.set(code, pipeline);
  return pipeline;
}
