import { TrainerError } from '../errors.js';
import { planBuffers } from './buffer-plan.js';
import { compile, layoutOf } from './compile.js';
import { valueOf, type Dispatch, type Part, type Value } from './plan-builder.js';

/** A dispatch with everything made. */
interface PreparedDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Dispatch['workgroups'];
}

/** WebGPU's default `minUniformBufferOffsetAlignment`. */
const UNIFORM_ALIGNMENT = 256;

/**
 * Runs the dispatches of a plan on a device. Everything is made in advance; a step is one command buffer with
 * one pass.
 */
export class PlanRunner {
  readonly #device: GPUDevice;
  readonly #dispatches: readonly PreparedDispatch[];
  readonly #buffers: readonly GPUBuffer[];
  readonly #bufferOf: (value: Value) => GPUBuffer;

  private constructor(
    device: GPUDevice,
    dispatches: readonly PreparedDispatch[],
    buffers: readonly GPUBuffer[],
    bufferOf: (value: Value) => GPUBuffer,
  ) {
    this.#device = device;
    this.#dispatches = dispatches;
    this.#buffers = buffers;
    this.#bufferOf = bufferOf;
  }

  /**
   * Makes the buffers and compiles the kernels, all at the same time.
   *
   * @param kept - values that are written or read from outside, or needed by the next step
   * @throws {TrainerError} `backend-unavailable` where the device has too little memory for the plan
   * @throws {Error} the device does not accept a kernel
   */
  static async create(
    device: GPUDevice,
    dispatches: readonly Dispatch[],
    kept: readonly Value[],
  ): Promise<PlanRunner> {
    const plan = planBuffers(dispatches, new Set(kept));
    requireRoom(device, plan.bytes);
    device.pushErrorScope('out-of-memory');
    const usage =
      GPUBufferUsage.STORAGE |
      GPUBufferUsage.UNIFORM |
      GPUBufferUsage.COPY_SRC |
      GPUBufferUsage.COPY_DST;
    const buffers = plan.bytes.map((size) => device.createBuffer({ size, usage }));
    const sizes = createSizes(device, dispatches);
    buffers.push(sizes.buffer);
    const outOfMemory = await device.popErrorScope();
    try {
      if (outOfMemory) throw tooLarge(plan.bytes, outOfMemory.message);
      const bufferOf = (value: Value): GPUBuffer => buffers[plan.buffers.get(value)!]!;
      const prepared = await prepare(device, dispatches, bufferOf, sizes);
      return new PlanRunner(device, prepared, buffers, bufferOf);
    } catch (error) {
      for (const buffer of buffers) buffer.destroy();
      throw error;
    }
  }

  /** Writes a value, or its first bytes, before the commands that are submitted next. */
  write(
    value: Value,
    data: ArrayBuffer | Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  ): void {
    this.#device.queue.writeBuffer(this.#bufferOf(value), 0, data);
  }

  /** Zeroes a value. */
  clear(value: Value): void {
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(this.#bufferOf(value));
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Submits the plan's dispatches. */
  submit(): void {
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, bindGroup, workgroups } of this.#dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** A value, or a part of it, as it is after what has been submitted. */
  async read(from: Value | Part): Promise<Float32Array> {
    const value = valueOf(from);
    const { firstByte, bytes } = 'value' in from ? from : { firstByte: 0, bytes: value.bytes };
    const staging = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#bufferOf(value), firstByte, staging, 0, bytes);
    this.#device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      return new Float32Array(staging.getMappedRange().slice(0));
    } finally {
      staging.destroy();
    }
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}

/** @throws {TrainerError} `backend-unavailable` */
function requireRoom({ limits }: GPUDevice, bytes: readonly number[]): void {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const largest = Math.max(...bytes);
  if (largest <= most) return;
  throw tooLarge(
    bytes,
    `one array has ${megabytes(largest)}, the card's limit is ${megabytes(most)}`,
  );
}

function tooLarge(bytes: readonly number[], why: string): TrainerError {
  const total = bytes.reduce((sum, one) => sum + one, 0);
  return new TrainerError(
    'backend-unavailable',
    `A training step takes ${megabytes(total)} of the graphics card's memory, which it does not have: ` +
      `${why}. Lower batchSize or imageSize, or train on another back end.`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** One buffer with the sizes of all dispatches, and where each one's lie. */
interface Sizes {
  readonly buffer: GPUBuffer;
  readonly regions: ReadonlyMap<Dispatch, GPUBufferBinding>;
}

function createSizes(device: GPUDevice, dispatches: readonly Dispatch[]): Sizes {
  const sized = dispatches.filter(({ sizes }) => sizes.length > 0);
  const size = Math.max(1, sized.length) * UNIFORM_ALIGNMENT;
  const buffer = device.createBuffer({
    size,
    usage: GPUBufferUsage.UNIFORM,
    mappedAtCreation: true,
  });
  const words = new Uint32Array(buffer.getMappedRange());
  const regions = new Map<Dispatch, GPUBufferBinding>();
  sized.forEach((dispatch, index) => {
    const offset = index * UNIFORM_ALIGNMENT;
    words.set(dispatch.sizes, offset / 4);
    regions.set(dispatch, { buffer, offset, size: dispatch.sizes.length * 4 });
  });
  buffer.unmap();
  return { buffer, regions };
}

/** Pipelines and bind groups. */
async function prepare(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  bufferOf: (value: Value) => GPUBuffer,
  sizes: Sizes,
): Promise<PreparedDispatch[]> {
  const kernels = new Map(dispatches.map(({ kernel }) => [kernel.code, kernel]));
  const compiled = await Promise.all(
    Array.from(kernels, async ([code, one]) => [code, await compile(device, one)] as const),
  );
  const pipelines = new Map(compiled);
  const region = (bound: Value | Part): GPUBufferBinding => {
    const buffer = bufferOf(valueOf(bound));
    return 'value' in bound
      ? { buffer, offset: bound.firstByte, size: bound.bytes }
      : { buffer, offset: 0, size: bound.bytes };
  };
  device.pushErrorScope('validation');
  const prepared = dispatches.map((dispatch) => {
    const { kernel, workgroups, bound } = dispatch;
    const own = sizes.regions.get(dispatch);
    const regions = [...(own ? [own] : []), ...bound.map(region)];
    const bindGroup = device.createBindGroup({
      label: kernel.label,
      layout: layoutOf(device, kernel),
      entries: regions.map((resource, binding) => ({ binding, resource })),
    });
    return { pipeline: pipelines.get(kernel.code)!, bindGroup, workgroups };
  });
  const error = await device.popErrorScope();
  if (error) throw new Error(error.message);
  return prepared;
}
