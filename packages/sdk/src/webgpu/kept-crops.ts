/** The newest crop of each place in a frame, on the graphics card: nothing comes back until it is read. */
export class KeptCrops {
  readonly #device: GPUDevice;
  readonly #bytes: number;
  readonly #buffers: GPUBuffer[] = [];

  /** @param bytes - of a crop: RGB, float32 */
  constructor(device: GPUDevice, bytes: number) {
    this.#device = device;
    this.#bytes = bytes;
  }

  /** Where the crop of a place goes. */
  at(place: number): GPUBuffer {
    return (this.#buffers[place] ??= this.#device.createBuffer({
      label: `emotion-cam crop ${place}`,
      size: this.#bytes,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    }));
  }

  /** The values of a crop; of the one that is there at the time of the call. */
  async read(place: number): Promise<Float32Array> {
    const buffer = this.#device.createBuffer({
      label: 'emotion-cam crop, read',
      size: this.#bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.at(place), 0, buffer, 0, this.#bytes);
      this.#device.queue.submit([encoder.finish()]);
      await buffer.mapAsync(GPUMapMode.READ);
      return new Float32Array(buffer.getMappedRange().slice(0));
    } finally {
      buffer.destroy();
    }
  }

  /** Frees the device's memory. */
  dispose(): void {
    for (const buffer of this.#buffers.splice(0)) buffer.destroy();
  }
}
