/** Between two empty submits, in milliseconds; browsers make 4 of it after the fifth. */
const NUDGE_MS = 1;
/** A device with nothing to do answers in less than one. */
const SUSPICIOUS_MS = 40;

/**
 * How results of a device are waited for. Firefox looks for finished work every 100 ms only
 * (https://bugzilla.mozilla.org/show_bug.cgi?id=1870699), and at every submit: there, empty ones while
 * waiting make 1 ms of 100. Whether that is so here is measured; no browser is asked for its name.
 */
export class Completion {
  readonly #device: GPUDevice;
  #isNudged = false;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Whether waiting is shortened by empty submits. */
  get isNudged(): boolean {
    return this.#isNudged;
  }

  /**
   * Finds out how to wait; until then nothing is submitted. It takes a millisecond, and two tenths of
   * a second where it finds something.
   */
  async measure(): Promise<void> {
    const buffer = this.#device.createBuffer({
      label: 'emotion-cam completion',
      size: 4,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const map = async (isNudged: boolean): Promise<number> => {
        const began = performance.now();
        await this.#until(buffer.mapAsync(GPUMapMode.READ), isNudged);
        buffer.unmap();
        return performance.now() - began;
      };
      let plain = Infinity;
      for (let round = 0; round < 2; round++) {
        plain = Math.min(plain, await map(false));
        if (plain < SUSPICIOUS_MS) return; // once is enough: device or thread may have been busy
      }
      this.#isNudged = (await map(true)) < plain / 2;
    } finally {
      buffer.destroy();
    }
  }

  /** Waits for what the device does. @param result - call it after `queue.submit` */
  until<T>(result: Promise<T>): Promise<T> {
    return this.#until(result, this.#isNudged);
  }

  async #until<T>(result: Promise<T>, isNudged: boolean): Promise<T> {
    if (!isNudged) return result;
    let timer: ReturnType<typeof setTimeout>;
    const nudge = (): void => {
      this.#device.queue.submit([this.#device.createCommandEncoder().finish()]);
      timer = setTimeout(nudge, NUDGE_MS);
    };
    timer = setTimeout(nudge, NUDGE_MS);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
    }
  }
}
