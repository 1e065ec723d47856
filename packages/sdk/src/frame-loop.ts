/** One frame of a video, to be read from the video at once. */
export interface FrameTime {
  /** When the frame was shown, on the clock of `performance.now()`; rises with every frame. */
  readonly timestampMs: number;
}

export interface FrameLoopOptions<T> {
  /** Which frames are taken; see {@link FramePace}. Default: all. */
  readonly isDue?: ((timestampMs: number) => boolean) | undefined;
  /** The work on a frame. */
  readonly onFrame: (frame: FrameTime) => Promise<T>;
  /** What is done with its result, in the order of the frames and one at a time; nothing after `stop`. */
  readonly onResult?: ((result: T) => Promise<void>) | undefined;
  /**
   * Whether the next frame may be taken while one is in work, so many milliseconds after that was
   * taken; see {@link FrameOverlap}. There are never more than two. Default: it waits until all that
   * is done with the one before is done.
   */
  readonly mayOverlap?: ((inWorkMs: number) => boolean) | undefined;
  /** The work on a frame failed, and the loop has stopped. Called at most once. */
  readonly onError: (error: unknown) => void;
}

/**
 * Hands the frames of a video to asynchronous work, one at a time or two that overlap. Frames that are
 * shown meanwhile are dropped, never queued, so that the work is always on the newest picture. It rests
 * while the video is paused or has ended, while its tab is hidden and while it is scrolled out of view or
 * not rendered, and goes on when that is over. A video that is in no page has no view to be out of.
 */
export class FrameLoop<T = void> {
  readonly #video: HTMLVideoElement;
  readonly #options: FrameLoopOptions<T>;
  readonly #stopped: AbortController = new AbortController();
  #cancelRequest: (() => void) | undefined;
  #inWork = 0;
  /** Settles when the newest frame in work, and those before it, are done with. */
  #newest: Promise<void> = Promise.resolve();
  #takenAtMs = 0;
  #isInView = true;

  constructor(video: HTMLVideoElement, options: FrameLoopOptions<T>) {
    this.#video = video;
    this.#options = options;
    const { signal } = this.#stopped;
    const update = (): void => {
      if (this.#isResting) this.#cancel();
      else this.#request();
    };
    for (const type of ['playing', 'pause', 'ended'])
      video.addEventListener(type, update, { signal });
    document.addEventListener('visibilitychange', update, { signal });
    const observer = new IntersectionObserver((entries) => {
      this.#isInView = entries.at(-1)!.isIntersecting || !video.isConnected;
      update();
    });
    observer.observe(video);
    signal.addEventListener('abort', () => observer.disconnect());
    update();
  }

  /** Settles when no frame is in work. Never rejects. */
  get idle(): Promise<void> {
    return this.#newest;
  }

  /** Takes no more frames. The one in work is finished; wait for `idle` to know when. */
  stop(): void {
    this.#stopped.abort();
    this.#cancel();
  }

  get #isResting(): boolean {
    const { paused, ended } = this.#video;
    return paused || ended || document.hidden || !this.#isInView || this.#stopped.signal.aborted;
  }

  #request(): void {
    const most = this.#options.mayOverlap ? 2 : 1;
    if (this.#isResting || this.#inWork >= most || this.#cancelRequest) return;
    this.#cancelRequest = requestFrame(this.#video, (timestampMs) => {
      this.#cancelRequest = undefined;
      if (this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
        // A seek came between the frame and this callback, as when a loop starts over: no picture.
        this.#request();
        return;
      }
      if (this.#mayTake() && this.#options.isDue?.(timestampMs) !== false)
        this.#take({ timestampMs });
      this.#request();
    });
  }

  #cancel(): void {
    this.#cancelRequest?.();
    this.#cancelRequest = undefined;
  }

  #mayTake(): boolean {
    if (this.#inWork === 0) return true;
    return this.#options.mayOverlap?.(performance.now() - this.#takenAtMs) === true;
  }

  #take(frame: FrameTime): void {
    this.#inWork += 1;
    this.#takenAtMs = performance.now();
    this.#newest = this.#work(frame, this.#newest);
  }

  /** @param before - settles when the frames before are done with; never rejects */
  async #work(frame: FrameTime, before: Promise<void>): Promise<void> {
    try {
      const result = await this.#options.onFrame(frame);
      await before;
      if (!this.#stopped.signal.aborted) await this.#options.onResult?.(result);
    } catch (error) {
      if (this.#stopped.signal.aborted) return; // nobody waits for this frame any more
      this.stop();
      this.#options.onError(error);
    } finally {
      await before;
      this.#inWork -= 1;
    }
    this.#request();
  }
}

/**
 * Calls back once, when the video shows its next frame.
 *
 * @returns cancels the request
 */
function requestFrame(
  video: HTMLVideoElement,
  callback: (timestampMs: number) => void,
): () => void {
  if ('requestVideoFrameCallback' in video) {
    const handle = video.requestVideoFrameCallback(callback);
    return () => {
      video.cancelVideoFrameCallback(handle);
    };
  }
  return pollFrame(video, callback);
}

/** For Firefox before 132: looks at every repaint whether the video has moved on. */
function pollFrame(video: HTMLVideoElement, callback: (timestampMs: number) => void): () => void {
  const { currentTime } = video;
  let handle = requestAnimationFrame(function look(timestampMs) {
    const hasPicture = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    if (hasPicture && video.currentTime !== currentTime) callback(timestampMs);
    else handle = requestAnimationFrame(look);
  });
  return () => {
    cancelAnimationFrame(handle);
  };
}
