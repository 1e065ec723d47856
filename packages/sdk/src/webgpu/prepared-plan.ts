import { aligned, planArena, type Value } from './arena.js';
import type { Kernel } from './kernel.js';
import { valueUses, type NetworkPlan } from './plan.js';
import { constantBytes, type Constant, type Step } from './step.js';
import { compileExpansion, expandWeights, type StoredWeights } from './stored-weights.js';

/** A dispatch with everything made. */
interface PreparedStep {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Step['workgroups'];
}

/** Bytes of a device's buffer. */
type Region = Required<GPUBufferBinding>;

/** A {@link NetworkPlan} with everything that it needs on a device, made in advance. */
export class PreparedPlan {
  /** What the plan reads. */
  readonly pixels: GPUBuffer;
  /** What it writes. */
  readonly logits: GPUBuffer;
  readonly #steps: readonly PreparedStep[];
  readonly #buffers: readonly GPUBuffer[];
  /** The first step bound to pixels in other buffers: few buffers are used in turn. */
  readonly #firstBindGroups: WeakMap<GPUBuffer, GPUBindGroup> = new WeakMap();
  readonly #bindFirst: (pixels: GPUBuffer) => GPUBindGroup;

  private constructor(
    device: GPUDevice,
    plan: NetworkPlan,
    pipelines: ReadonlyMap<string, GPUComputePipeline>,
    regions: Regions,
  ) {
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
    this.logits = regions.of(plan.logits).buffer;
    this.#bindFirst = (buffer) =>
      bind(plan.steps[0]!, (bound) =>
        bound === plan.pixels ? { buffer, offset: 0, size: plan.pixels.bytes } : regions.of(bound),
      );
    this.#firstBindGroups.set(this.pixels, this.#steps[0]!.bindGroup);
  }

  /**
   * Compiles the kernels, all at the same time and none on the calling thread, while the weights may
   * still be on their way.
   *
   * @param weights - none: zeros, as good for timing
   * @throws {Error} the device has too little memory or does not accept a kernel
   * @throws what `weights` rejects with
   */
  static async create(
    device: GPUDevice,
    plan: NetworkPlan,
    weights?: StoredWeights | Promise<StoredWeights>,
  ): Promise<PreparedPlan> {
    device.pushErrorScope('out-of-memory');
    const regions = new Regions(device, plan);
    const memoryError = device.popErrorScope();
    const compilations = Promise.all([
      compile(device, plan.steps),
      weights && compileExpansion(device),
    ]);
    const loading = Promise.resolve(weights);
    for (const waiting of [compilations, loading]) waiting.catch(() => undefined); // one waits first
    try {
      throwIf(await memoryError);
      const stored = await loading;
      const [pipelines, expansion] = await compilations;
      device.pushErrorScope('validation');
      device.pushErrorScope('out-of-memory');
      regions.fill();
      if (stored && expansion) regions.expand(expansion, stored);
      const prepared = new PreparedPlan(device, plan, pipelines, regions);
      const errors = [device.popErrorScope(), device.popErrorScope()];
      for (const error of errors) throwIf(await error);
      return prepared;
    } catch (error) {
      regions.dispose();
      throw error;
    }
  }

  /** Records the dispatches. @param pixels - another buffer to read them from */
  record(pass: GPUComputePassEncoder, pixels: GPUBuffer = this.pixels): void {
    this.#steps.forEach(({ pipeline, bindGroup, workgroups }, index) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, index === 0 ? this.#firstBindGroup(pixels) : bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    });
  }

  /** Frees the device's memory; what was submitted is still computed. */
  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #firstBindGroup(pixels: GPUBuffer): GPUBindGroup {
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

  /** Gives the constants what is known without weights; until then they are zeros. */
  fill(): void {
    for (const [{ values, storage }, offset] of this.#constants) {
      if (!values) continue;
      const { firstVector, data } = values;
      const at = offset + firstVector * storage.bytes;
      this.#device.queue.writeBuffer(this.#constantBuffer, at, data);
    }
  }

  /** Gives the constants their weights. */
  expand(expansion: GPUComputePipeline, weights: StoredWeights): void {
    expandWeights(this.#device, expansion, weights, this.#constants, this.#constantBuffer);
  }

  dispose(): void {
    for (const buffer of this.buffers) buffer.destroy();
  }
}
