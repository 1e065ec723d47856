import { Completion } from './completion.js';
import type { NetworkPlan } from './plan.js';
import { PreparedPlan } from './prepared-plan.js';
import { ReadbackRing } from './readback-ring.js';
import type { StoredWeights } from './stored-weights.js';

/** Records a dispatch that writes `PlanExecutor.pixels`, in front of the plan's own. */
export type RecordPixels = (pass: GPUComputePassEncoder) => void;

/**
 * Runs a {@link NetworkPlan} on a device. Everything is made in advance; a frame is one command buffer
 * with one pass, and only the logits come back.
 */
export class PlanExecutor {
  /** What `run` reads where it is given a dispatch: RGB, 0..255, float32, [S,S,3]. */
  readonly pixels: GPUBuffer;
  /** How results are waited for; to be measured once a frame has run. */
  readonly completion: Completion;
  readonly #device: GPUDevice;
  readonly #prepared: PreparedPlan;
  readonly #readback: ReadbackRing;

  private constructor(device: GPUDevice, prepared: PreparedPlan) {
    this.#device = device;
    this.#prepared = prepared;
    this.pixels = prepared.pixels;
    this.completion = new Completion(device);
    this.#readback = new ReadbackRing(device, prepared.logits.size, this.completion);
  }

  /**
   * Makes everything ready while the weights may still be on their way.
   *
   * @throws {Error} the device has too little memory or does not accept a kernel
   * @throws what `weights` rejects with
   */
  static async create(
    device: GPUDevice,
    plan: NetworkPlan,
    weights: StoredWeights | Promise<StoredWeights>,
  ): Promise<PlanExecutor> {
    return new PlanExecutor(device, await PreparedPlan.create(device, plan, weights));
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
    if (typeof pixels === 'function') {
      pixels(pass);
      this.#prepared.record(pass);
    } else if (pixels instanceof Float32Array) {
      this.#device.queue.writeBuffer(this.pixels, 0, pixels);
      this.#prepared.record(pass);
    } else {
      this.#prepared.record(pass, pixels);
    }
    pass.end();
    if (keepIn) encoder.copyBufferToBuffer(this.pixels, 0, keepIn, 0, keepIn.size);
    const logits = this.#readback.copy(encoder, this.#prepared.logits);
    this.#device.queue.submit([encoder.finish()]);
    return logits.read();
  }

  /** Frees the device's memory; results of calls under way still come. */
  dispose(): void {
    this.#readback.dispose();
    this.#prepared.dispose();
  }
}
