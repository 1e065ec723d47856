import type { Kernel } from '../../../src/webgpu/kernel.js';

/** What is bound to a kernel: contents, or the number of float32 values that it writes. */
type Bound = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | number;

/** Runs one kernel once. @returns what it wrote, in the order of its bindings */
export async function runKernel(
  device: GPUDevice,
  { code, access }: Kernel,
  [x, y = 1, z = 1]: readonly [x: number, y?: number, z?: number],
  bound: readonly Bound[],
): Promise<Float32Array[]> {
  const { COPY_DST, COPY_SRC, MAP_READ, STORAGE, UNIFORM } = GPUBufferUsage;
  const buffers = bound.map((contents, index) => {
    const size = typeof contents === 'number' ? contents * 4 : contents.byteLength;
    const kind = access[index] === 'uniform' ? UNIFORM : STORAGE;
    const buffer = device.createBuffer({ size, usage: kind | COPY_DST | COPY_SRC });
    if (typeof contents !== 'number') device.queue.writeBuffer(buffer, 0, contents);
    return buffer;
  });
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  pass.dispatchWorkgroups(x, y, z);
  pass.end();
  const staging = buffers
    .filter((_, index) => access[index] === 'write')
    .map((source) => {
      const copy = device.createBuffer({ size: source.size, usage: MAP_READ | COPY_DST });
      encoder.copyBufferToBuffer(source, 0, copy, 0, source.size);
      return copy;
    });
  device.queue.submit([encoder.finish()]);
  return Promise.all(
    staging.map(async (buffer) => {
      await buffer.mapAsync(GPUMapMode.READ);
      return new Float32Array(buffer.getMappedRange().slice(0));
    }),
  );
}
