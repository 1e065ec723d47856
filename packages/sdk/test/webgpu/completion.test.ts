import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Completion } from '../../src/webgpu/completion.js';

/** When a simulated device tells that its work is done; milliseconds. */
interface Behaviour {
  /** It looks for finished work so often; 0: at once. */
  readonly timerMs: number;
  /** Whether it also does at each submit. */
  readonly looksAtSubmit: boolean;
  /** Work that it has at the beginning. */
  readonly busyMs: number;
}

/** A device with Firefox's way of telling, or others'; it computes nothing. */
class SimulatedDevice {
  submits = 0;
  readonly queue = { submit: (): void => this.#submit() };
  readonly #behaviour: Behaviour;
  readonly #idleAt: number;
  #waiting: (() => void)[] = [];

  constructor(behaviour: Behaviour) {
    this.#behaviour = behaviour;
    this.#idleAt = performance.now() + behaviour.busyMs;
    if (behaviour.timerMs > 0) setInterval(() => this.#look(), behaviour.timerMs);
  }

  createCommandEncoder(): { finish(): object } {
    return { finish: () => ({}) };
  }

  createBuffer(): { mapAsync(): Promise<void>; unmap(): void; destroy(): void } {
    return { mapAsync: () => this.work(0), unmap: () => undefined, destroy: () => undefined };
  }

  /** Something to wait for. */
  work(milliseconds: number): Promise<void> {
    const doneAt = Math.max(performance.now(), this.#idleAt) + milliseconds;
    return new Promise((resolve) => {
      const tell = (): void => {
        if (performance.now() >= doneAt) resolve();
        else if (this.#behaviour.timerMs > 0) this.#waiting.push(tell);
        else setTimeout(tell, doneAt - performance.now());
      };
      if (this.#behaviour.timerMs > 0) this.#waiting.push(tell);
      else tell();
    });
  }

  #submit(): void {
    this.submits++;
    if (this.#behaviour.looksAtSubmit) this.#look();
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell();
  }
}

const DEVICES = {
  'one that looks every 100 ms and at each submit': [100, true, 0],
  'the same, busy at the start': [100, true, 250],
  'one that looks every 100 ms only': [100, false, 0],
  'one that tells at once': [0, false, 0],
  'the same, busy at the start for long': [0, false, 500],
} as const;

describe('waiting for a device', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'performance'] });
    vi.stubGlobal('GPUBufferUsage', { MAP_READ: 1, COPY_DST: 8 });
    vi.stubGlobal('GPUMapMode', { READ: 1 });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const simulate = (
    name: keyof typeof DEVICES,
  ): { device: SimulatedDevice; completion: Completion } => {
    const [timerMs, looksAtSubmit, busyMs] = DEVICES[name];
    const device = new SimulatedDevice({ timerMs, looksAtSubmit, busyMs });
    return { device, completion: new Completion(device as unknown as GPUDevice) };
  };

  /** Lets time pass until it is settled. @returns milliseconds of simulated time */
  async function timed(waiting: Promise<void>): Promise<number> {
    const began = performance.now();
    let end: number | undefined;
    void waiting.finally(() => (end = performance.now()));
    while (end === undefined) await vi.advanceTimersByTimeAsync(1);
    return end - began;
  }

  for (const name of [
    'one that looks every 100 ms and at each submit',
    'the same, busy at the start',
  ] as const) {
    it(`is a matter of milliseconds on ${name}, once that is measured`, async () => {
      const { device, completion } = simulate(name);
      await timed(completion.measure());
      expect(completion.isNudged).toBe(true);
      expect(await timed(completion.until(device.work(5)))).toBeLessThanOrEqual(7);
      const { submits } = device;
      await vi.advanceTimersByTimeAsync(50);
      expect(device.submits).toBe(submits); // none once the result is there
    });
  }

  it('submits nothing before it is measured', async () => {
    const { device, completion } = simulate('one that looks every 100 ms and at each submit');
    expect(await timed(completion.until(device.work(5)))).toBe(100);
    expect(device.submits).toBe(0);
  });

  it('submits nothing where that shortens nothing', async () => {
    const { device, completion } = simulate('one that looks every 100 ms only');
    await timed(completion.measure());
    expect(completion.isNudged).toBe(false);
    const { submits } = device;
    await timed(completion.until(device.work(5)));
    expect(device.submits).toBe(submits);
  });

  for (const name of ['one that tells at once', 'the same, busy at the start for long'] as const) {
    it(`never submits anything on ${name}`, async () => {
      const { device, completion } = simulate(name);
      await timed(completion.measure());
      await timed(completion.until(device.work(30)));
      expect([completion.isNudged, device.submits]).toEqual([false, 0]);
    });
  }

  it('stops when the work fails', async () => {
    const { device, completion } = simulate('one that looks every 100 ms and at each submit');
    await timed(completion.measure());
    const failed = completion.until(Promise.reject(new Error('the device is lost')));
    await expect(failed).rejects.toThrow('the device is lost');
    const { submits } = device;
    await vi.advanceTimersByTimeAsync(50);
    expect(device.submits).toBe(submits);
  });
});
