import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Idleness } from '../../src/webgpu/idleness.js';

describe('idleness', () => {
  let idleness: Idleness;
  const never = new AbortController().signal;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    idleness = new Idleness();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** When it is idle, in milliseconds from now; none within a second. */
  async function idleIn(): Promise<number | undefined> {
    const began = performance.now();
    let idleAt: number | undefined;
    void idleness.when(never).then(() => (idleAt = performance.now()));
    await vi.advanceTimersByTimeAsync(1000);
    return idleAt === undefined ? undefined : idleAt - began;
  }

  const frame = (milliseconds: number): Promise<void> =>
    idleness.during(new Promise((resolve) => setTimeout(resolve, milliseconds)));

  it('is a moment after the last frame is done', async () => {
    void frame(100);
    void frame(300);
    const waited = await idleIn();
    expect(waited).toBeGreaterThanOrEqual(305);
    expect(waited).toBeLessThan(350);
  });

  it('lies between the frames of a video', async () => {
    const video = async (): Promise<void> => {
      for (;;) {
        await frame(8);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    };
    void video();
    expect(await idleIn()).toBeLessThan(100);
  });

  it('never comes where one frame follows the other', async () => {
    const saturated = async (): Promise<void> => {
      for (;;) await frame(30);
    };
    void saturated();
    expect(await idleIn()).toBeUndefined();
  });

  it('comes after a frame that failed, too', async () => {
    await expect(idleness.during(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(await idleIn()).toBeLessThan(50);
  });

  it('is no longer waited for when the signal is aborted', async () => {
    const controller = new AbortController();
    void frame(10_000);
    const waiting = idleness.when(controller.signal);
    const reason = new Error('freed');
    controller.abort(reason);
    const settled = expect(waiting).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(100);
    await settled;
  });
});
