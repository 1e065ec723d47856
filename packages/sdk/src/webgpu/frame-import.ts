/** Mean difference of an imported crop to the copied one, in steps of 0..255; colours differ by 1 or 2. */
const MOST_DIFFERENCE = 6;
/** A crop whose values differ less shows nothing that could be wrong: a camera's first frame is black. */
const LEAST_SPREAD = 48;

/**
 * Which frames can be read where they are. What `importExternalTexture` promises is not always so: browsers
 * throw, give textures that cannot be bound, or none of the frame's picture. So the first frame of each
 * format is cropped in both ways, and imported ones are taken where they show the same.
 */
export class FrameImport {
  readonly #device: GPUDevice;
  readonly #pixels: GPUBuffer;
  /** Formats that were tried; false while they are. */
  readonly #formats: Map<string | null, boolean> = new Map();

  /** @param pixels - where crops are written */
  constructor(device: GPUDevice, pixels: GPUBuffer) {
    this.#device = device;
    this.#pixels = pixels;
  }

  /** Whether frames of this format can be imported; undefined: nothing is known yet. */
  of({ format }: VideoFrame): boolean | undefined {
    return this.#formats.get(format);
  }

  /**
   * Tries this frame's format. What is done with the frame is done when it returns; what it found is known
   * later.
   *
   * @param crops - record the crop of the imported frame, and that of its copy
   * @returns when it is known
   */
  async check(
    { format }: VideoFrame,
    crops: readonly [imported: () => RecordCrop, copied: () => RecordCrop],
  ): Promise<void> {
    this.#formats.set(format, false);
    this.#device.pushErrorScope('validation');
    const reading = this.#readBoth(crops);
    const refusal = this.#device.popErrorScope();
    try {
      const [imported, copied] = await reading;
      if (await refusal) return;
      if (spread(copied) < LEAST_SPREAD) this.#formats.delete(format);
      else this.#formats.set(format, meanDifference(imported, copied) <= MOST_DIFFERENCE);
    } catch {
      // It threw, or the device is lost: frames are copied.
    }
  }

  // async, so that an import that throws rejects instead of leaving the error's scope open
  async #readBoth(
    crops: readonly [() => RecordCrop, () => RecordCrop],
  ): Promise<[Float32Array, Float32Array]> {
    // One after the other: both write the same buffers.
    const [imported, copied] = crops.map((crop) => this.#read(crop()));
    return Promise.all([imported!, copied!]);
  }

  /** Records and submits a crop in this task. */
  async #read(record: RecordCrop): Promise<Float32Array> {
    const { size } = this.#pixels;
    const buffer = this.#device.createBuffer({
      label: 'emotion-cam imported crop',
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      record(pass);
      pass.end();
      encoder.copyBufferToBuffer(this.#pixels, 0, buffer, 0, size);
      this.#device.queue.submit([encoder.finish()]);
      await buffer.mapAsync(GPUMapMode.READ);
      return new Float32Array(buffer.getMappedRange().slice(0));
    } finally {
      buffer.destroy();
    }
  }
}

/** Records the dispatch of a crop. */
type RecordCrop = (pass: GPUComputePassEncoder) => void;

function spread(values: Float32Array): number {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most - least;
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
