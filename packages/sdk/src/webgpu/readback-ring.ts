import type { Completion } from './completion.js';

/** Buffers at the start: one frame is computed, one is read, one is on its way back. */
const BUFFERS = 3;

/** A result that has been copied and can be read once its commands are submitted. */
export interface Readback {
  /** Waits for the device; call it after `queue.submit`. */
  read(): Promise<Float32Array>;
}

/**
 * Buffers through which results come back from the device, used again and again. When all are under way
 * another one is made, so that no frame waits for an earlier one.
 */
export class ReadbackRing {
  readonly #device: GPUDevice;
  readonly #bytes: number;
  readonly #completion: Completion;
  readonly #free: GPUBuffer[] = [];
  #isDisposed = false;

  /**
   * @param bytes - size of a result, a multiple of 4
   * @param completion - of the device
   */
  constructor(device: GPUDevice, bytes: number, completion: Completion) {
    this.#device = device;
    this.#bytes = bytes;
    this.#completion = completion;
    for (let i = 0; i < BUFFERS; i++) this.#free.push(this.#create());
  }

  /** Records the copy of a result. */
  copy(encoder: GPUCommandEncoder, source: GPUBuffer): Readback {
    const buffer = this.#free.pop() ?? this.#create();
    encoder.copyBufferToBuffer(source, 0, buffer, 0, this.#bytes);
    return {
      read: async () => {
        try {
          await this.#completion.until(buffer.mapAsync(GPUMapMode.READ));
          return new Float32Array(buffer.getMappedRange().slice(0));
        } finally {
          buffer.unmap();
          if (this.#isDisposed) buffer.destroy();
          else this.#free.push(buffer);
        }
      },
    };
  }

  /** Frees the buffers; results under way still come. */
  dispose(): void {
    this.#isDisposed = true;
    for (const buffer of this.#free.splice(0)) buffer.destroy();
  }

  #create(): GPUBuffer {
    return this.#device.createBuffer({
      label: 'emotion-cam readback',
      size: this.#bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }
}
