import { aligned, planArena, type Value } from './arena.js';
import { Completion } from './completion.js';
import type { Kernel } from './kernel.js';
import { valueUses, type NetworkPlan } from './plan.js';
import { ReadbackRing } from './readback-ring.js';
import { constantBytes, type Constant, type Step } from './step.js';
import { compileExpansion, expandWeights, type StoredWeights } from './stored-weights.js';

/** A dispatch with everything made. */
interface PreparedStep {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Step['workgroups'];
}

/** Records a dispatch that writes `PlanExecutor.pixels`, in front of the plan's own. */
export type RecordPixels = (pass: GPUComputePassEncoder) => void;

/** Bytes of a device's buffer. */
type Region = Required<GPUBufferBinding>;

/**
 * Runs a {@link NetworkPlan} on a device. Everything is made in advance; a frame is one command buffer
 * with one pass, and only the logits come back.
 */
export class PlanExecutor {
  /** What `run` reads where it is given a dispatch: RGB, 0..255, float32, [S,S,3]. */
  readonly pixels: GPUBuffer;
  /** How results are waited for; `measure` it once a frame has run. */
  readonly completion: Completion;
  readonly #device: GPUDevice;
  readonly #steps: readonly PreparedStep[];
  readonly #buffers: readonly GPUBuffer[];
  readonly #logits: GPUBuffer;
  readonly #readback: ReadbackRing;
  /** The first step bound to pixels in other buffers: few buffers are used in turn. */
  readonly #firstBindGroups: WeakMap<GPUBuffer, GPUBindGroup> = new WeakMap();
  readonly #bindFirst: (pixels: GPUBuffer) => GPUBindGroup;

  private constructor(
    device: GPUDevice,
    plan: NetworkPlan,
    pipelines: ReadonlyMap<string, GPUComputePipeline>,
    regions: Regions,
  ) {
    this.#device = device;
    const bind = (step: Step, regionOf: (bound: Value | Constant) => Region): GPUBindGroup =>
      device.createBindGroup({
        label: step.kernel.label,
        layout: pipelines.get(step.kernel.code)!.getBindGroupLayout(0),
        entries: step.bound.map((bound, binding) => ({ binding, resource: regionOf(bound) })),
      });
    this.#steps = plan.steps.map((step) => ({
      pipeline: pipelines.get(step.kernel.code)!,
      bindGroup: bind(step, (bound) => regions.of(bound)),
      workgroups: step.workgroups,
    }));
    this.#buffers = regions.buffers;
    this.pixels = regions.of(plan.pixels).buffer;
    this.#logits = regions.of(plan.logits).buffer;
    this.completion = new Completion(device);
    this.#readback = new ReadbackRing(device, plan.logits.bytes, this.completion);
    this.#bindFirst = (buffer) =>
      bind(plan.steps[0]!, (bound) =>
        bound === plan.pixels ? { buffer, offset: 0, size: plan.pixels.bytes } : regions.of(bound),
      );
  }

  /**
   * Compiles the kernels, all at the same time and none on the calling thread, while the weights may
   * still be on their way.
   *
   * @throws {Error} the device has too little memory or does not accept a kernel
   * @throws what `weights` rejects with
   */
  static async create(
    device: GPUDevice,
    plan: NetworkPlan,
    weights: StoredWeights | Promise<StoredWeights>,
  ): Promise<PlanExecutor> {
    device.pushErrorScope('out-of-memory');
    const regions = new Regions(device, plan);
    const memoryError = device.popErrorScope();
    const compilations = Promise.all([compile(device, plan.steps), compileExpansion(device)]);
    const loading = Promise.resolve(weights);
    for (const waiting of [compilations, loading]) waiting.catch(() => undefined); // one waits first
    try {
      throwIf(await memoryError);
      const stored = await loading;
      const [pipelines, expansion] = await compilations;
      device.pushErrorScope('validation');
      device.pushErrorScope('out-of-memory');
      regions.fill(expansion, stored);
      const executor = new PlanExecutor(device, plan, pipelines, regions);
      const errors = [device.popErrorScope(), device.popErrorScope()];
      for (const error of errors) throwIf(await error);
      return executor;
    } catch (error) {
      regions.dispose();
      throw error;
    }
  }

  /**
   * Logits of one image. Calls may overlap; the pixels are read in the order of the calls.
   *
   * @param pixels - RGB, 0..255, float32, [S,S,3]: values, a buffer of the same device, or what writes
   *   them
   * @param keepIn - gets a copy of `PlanExecutor.pixels`, once they are written
   * @returns [7], in the order of `EMOTIONS`
   */
  run(
    pixels: Float32Array<ArrayBuffer> | GPUBuffer | RecordPixels,
    keepIn?: GPUBuffer,
  ): Promise<Float32Array> {
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (typeof pixels === 'function') pixels(pass);
    this.#steps.forEach(({ pipeline, bindGroup, workgroups }, index) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, index === 0 ? this.#firstBindGroup(pixels) : bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    });
    pass.end();
    if (keepIn) encoder.copyBufferToBuffer(this.pixels, 0, keepIn, 0, keepIn.size);
    const logits = this.#readback.copy(encoder, this.#logits);
    this.#device.queue.submit([encoder.finish()]);
    return logits.read();
  }

  /** Frees the device's memory; results of calls under way still come. */
  dispose(): void {
    this.#readback.dispose();
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #firstBindGroup(pixels: Float32Array<ArrayBuffer> | GPUBuffer | RecordPixels): GPUBindGroup {
    if (typeof pixels === 'function') return this.#steps[0]!.bindGroup;
    if (pixels instanceof Float32Array) {
      this.#device.queue.writeBuffer(this.pixels, 0, pixels);
      return this.#steps[0]!.bindGroup;
    }
    let bindGroup = this.#firstBindGroups.get(pixels);
    if (!bindGroup) {
      bindGroup = this.#bindFirst(pixels);
      this.#firstBindGroups.set(pixels, bindGroup);
    }
    return bindGroup;
  }
}

function throwIf(error: GPUError | null): void {
  if (error) throw new Error(`The graphics card refused the network: ${error.message}`);
}

/** One pipeline for each kernel, by its code. */
async function compile(
  device: GPUDevice,
  steps: readonly Step[],
): Promise<Map<string, GPUComputePipeline>> {
  const kernels = new Map(steps.map(({ kernel }) => [kernel.code, kernel]));
  device.pushErrorScope('validation');
  const compilations = [...kernels.values()].map((kernel) =>
    device.createComputePipelineAsync({
      label: kernel.label,
      layout: pipelineLayout(device, kernel),
      compute: { module: device.createShaderModule({ label: kernel.label, code: kernel.code }) },
    }),
  );
  const refusal = device.popErrorScope();
  await Promise.allSettled(compilations);
  throwIf(await refusal); // says what is wrong; the rejections only say that something is
  const pipelines = await Promise.all(compilations);
  return new Map([...kernels.keys()].map((code, index) => [code, pipelines[index]!]));
}

const BUFFER_TYPE = { read: 'read-only-storage', write: 'storage', uniform: 'uniform' } as const;

function pipelineLayout(device: GPUDevice, { label, access }: Kernel): GPUPipelineLayout {
  const entries = access.map((kind, binding) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: BUFFER_TYPE[kind] },
  }));
  return device.createPipelineLayout({
    bindGroupLayouts: [device.createBindGroupLayout({ label, entries })],
  });
}

/** The device's memory: constants in one buffer, results in the arena's, input and output apart. */
class Regions {
  readonly buffers: readonly GPUBuffer[];
  readonly #device: GPUDevice;
  readonly #regions: ReadonlyMap<Value | Constant, Region>;
  readonly #constants: ReadonlyMap<Constant, number>;
  readonly #constantBuffer: GPUBuffer;

  constructor(device: GPUDevice, plan: NetworkPlan) {
    this.#device = device;
    const { pixels, logits, steps } = plan;
    const { COPY_DST, COPY_SRC, STORAGE, UNIFORM } = GPUBufferUsage;
    const regions = new Map<Value | Constant, Region>();
    const buffers: GPUBuffer[] = [];
    const create = (label: string, size: number, usage: number): GPUBuffer => {
      const buffer = device.createBuffer({ label: `emotion-cam ${label}`, size, usage });
      buffers.push(buffer);
      return buffer;
    };
    const outside = [
      [pixels, COPY_DST | COPY_SRC],
      [logits, COPY_SRC],
    ] as const;
    for (const [value, usage] of outside) {
      const buffer = create(value.label, value.bytes, STORAGE | usage);
      regions.set(value, { buffer, offset: 0, size: value.bytes });
    }

    const arena = planArena(valueUses(plan));
    const arenaBuffers = arena.bufferBytes.map((bytes, index) =>
      create(`arena ${index}`, Math.max(bytes, 4), STORAGE),
    );
    for (const [value, { buffer, offset }] of arena.places) {
      regions.set(value, { buffer: arenaBuffers[buffer]!, offset, size: value.bytes });
    }

    const offsets = new Map<Constant, number>();
    let bytes = 0;
    for (const bound of steps.flatMap((step) => step.bound)) {
      if (!('gathers' in bound)) continue;
      offsets.set(bound, bytes);
      bytes += aligned(constantBytes(bound));
    }
    const buffer = create('constants', bytes, STORAGE | UNIFORM | COPY_DST);
    for (const [constant, offset] of offsets) {
      regions.set(constant, { buffer, offset, size: constantBytes(constant) });
    }
    this.buffers = buffers;
    this.#regions = regions;
    this.#constants = offsets;
    this.#constantBuffer = buffer;
  }

  of(bound: Value | Constant): Region {
    return this.#regions.get(bound)!;
  }

  /** Gives the constants their contents; until then they are zeros. */
  fill(expansion: GPUComputePipeline, weights: StoredWeights): void {
    for (const [{ values, storage }, offset] of this.#constants) {
      if (!values) continue;
      const { firstVector, data } = values;
      const at = offset + firstVector * storage.bytes;
      this.#device.queue.writeBuffer(this.#constantBuffer, at, data);
    }
    expandWeights(this.#device, expansion, weights, this.#constants, this.#constantBuffer);
  }

  dispose(): void {
    for (const buffer of this.buffers) buffer.destroy();
  }
}
