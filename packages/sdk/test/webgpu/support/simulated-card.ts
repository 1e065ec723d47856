/** A card that computes nothing; how long a kernel takes is said by a function of its code. */
export class SimulatedCard {
  /** What `performance.now` is to say. */
  nowMs = 0;
  /** Buffers that were made and not freed. */
  buffers = 0;
  readonly device: GPUDevice;
  #pendingMs = 0;

  /** @param costMs - of one dispatch; NaN: the kernel is not accepted */
  constructor(costMs: (code: string) => number) {
    const createBuffer = ({ size }: GPUBufferDescriptor): object => {
      this.buffers++;
      return { size, destroy: () => --this.buffers };
    };
    const createCommandEncoder = (): object => {
      let code = '';
      const commands = { costMs: 0 };
      const pass = {
        setPipeline: (pipeline: { code: string }) => (code = pipeline.code),
        setBindGroup: () => undefined,
        dispatchWorkgroups: () => (commands.costMs += costMs(code)),
        end: () => undefined,
      };
      return { beginComputePass: () => pass, finish: () => commands };
    };
    const device = {
      createBuffer,
      createCommandEncoder,
      createBindGroup: () => ({}),
      createBindGroupLayout: () => ({}),
      createPipelineLayout: () => ({}),
      createShaderModule: ({ code }: GPUShaderModuleDescriptor) => ({ code }),
      createComputePipelineAsync: ({ compute }: { compute: { module: { code: string } } }) => {
        const { code } = compute.module;
        if (Number.isNaN(costMs(code))) return Promise.reject(new Error('not accepted'));
        return Promise.resolve({ code, getBindGroupLayout: () => ({}) });
      },
      pushErrorScope: () => undefined,
      popErrorScope: () => Promise.resolve(null),
      queue: {
        writeBuffer: () => undefined,
        submit: ([commands]: [{ costMs: number }]) => (this.#pendingMs += commands.costMs),
        onSubmittedWorkDone: () => {
          this.nowMs += this.#pendingMs;
          this.#pendingMs = 0;
          return Promise.resolve();
        },
      },
    };
    this.device = device as unknown as GPUDevice;
  }
}
