import { expect } from 'chai';
import { FrameLoop } from '../../src/frame-loop.js';
import { drawnVideo, type DrawnVideo } from './support/drawn-video.js';

const CLIP = new URL('../../../../e2e/fixtures/clip.webm', import.meta.url).href;

/** Resolves when an observer that was made before this call has been told. */
function seenByObserver(element: Element, isIntersecting: boolean): Promise<void> {
  return new Promise((resolve) => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.at(-1)!.isIntersecting !== isIntersecting) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(element);
  });
}

describe('FrameLoop', () => {
  let drawn: DrawnVideo;
  let loop: FrameLoop | undefined;

  beforeEach(async () => {
    drawn = await drawnVideo();
  });
  afterEach(() => {
    loop?.stop();
    drawn.dispose();
  });

  /** Starts a loop that hands over its frames one by one. */
  function startLoop(work: (frame: number) => Promise<void> = () => Promise.resolve()) {
    let count = 0;
    const errors: unknown[] = [];
    const timestamps: number[] = [];
    let arrived: (() => void) | undefined;
    loop = new FrameLoop(drawn.video, {
      onFrame: async ({ timestampMs }) => {
        count += 1;
        timestamps.push(timestampMs);
        arrived?.();
        await work(count);
      },
      onError: (error) => errors.push(error),
    });
    return {
      loop,
      errors,
      timestamps,
      /** Resolves when so many frames have come. */
      frames: (wanted: number) =>
        new Promise<void>((resolve) => {
          arrived = () => {
            if (count >= wanted) resolve();
          };
          arrived();
        }),
    };
  }

  const waysToWait = [
    ['requestVideoFrameCallback', () => undefined],
    [
      'requestAnimationFrame, where the other is missing',
      () => {
        // `in` finds what the prototype has, so the prototype has to lose it.
        const { prototype } = HTMLVideoElement;
        const own = Object.getOwnPropertyDescriptor(prototype, 'requestVideoFrameCallback')!;
        Reflect.deleteProperty(prototype, 'requestVideoFrameCallback');
        return () => {
          Object.defineProperty(prototype, 'requestVideoFrameCallback', own);
        };
      },
    ],
  ] as const;
  for (const [name, prepare] of waysToWait) {
    it(`takes frame after frame with ${name}`, async () => {
      const restore = prepare();
      try {
        const { frames, timestamps } = startLoop();
        await frames(4);
        expect(timestamps).to.deep.equal([...timestamps].sort((a, b) => a - b));
        expect(new Set(timestamps).size).to.equal(timestamps.length);
      } finally {
        loop?.stop();
        restore?.();
      }
    });
  }

  it('never has two frames in work', async () => {
    let inWork = 0;
    let most = 0;
    const { frames } = startLoop(async () => {
      most = Math.max(most, ++inWork);
      await drawn.shown(2);
      inWork -= 1;
    });
    await frames(4);
    expect(most).to.equal(1);
  });

  it('never has two frames in work when the video is paused and played meanwhile', async () => {
    let finish: (() => void) | undefined;
    const { frames, timestamps } = startLoop(() => new Promise((resolve) => (finish = resolve)));
    await frames(1);
    drawn.video.pause();
    await drawn.video.play();
    await drawn.shown(3);
    expect(timestamps).to.have.length(1);
    finish?.();
  });

  it('drops the frames that are shown while one is in work', async () => {
    let finish: (() => void) | undefined;
    const { frames, timestamps } = startLoop((frame) =>
      frame === 1 ? new Promise((resolve) => (finish = resolve)) : Promise.resolve(),
    );
    await frames(1);
    await drawn.shown(5);
    expect(timestamps).to.have.length(1);
    const finishedAtMs = performance.now();
    finish?.();
    await frames(2);
    // Not one of the five: a frame that was shown after the work, less a repaint's delay.
    expect(timestamps[1]).to.be.greaterThan(finishedAtMs - 34);
  });

  it('rests while the video is paused and goes on with it', async () => {
    const { frames, timestamps, loop } = startLoop();
    await frames(1);
    drawn.video.pause();
    await drawn.event('pause');
    await loop.idle;
    const before = timestamps.length;
    await drawn.drawFrames(5);
    expect(timestamps).to.have.length(before);
    await drawn.video.play();
    await frames(before + 1);
  });

  describe('where nobody sees the video', () => {
    /** Goes on drawing, and says how many frames were taken meanwhile. */
    async function takenWhile(timestamps: readonly number[]): Promise<number> {
      await loop!.idle;
      const before = timestamps.length;
      await drawn.drawFrames(5);
      return timestamps.length - before;
    }

    /** The page's tab, put into the background and back. */
    function hideTab(isHidden: boolean): void {
      Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }

    afterEach(() => {
      Reflect.deleteProperty(document, 'hidden');
    });

    it('rests while the tab is hidden and goes on with it', async () => {
      const { frames, timestamps } = startLoop();
      await frames(1);
      hideTab(true);
      expect(await takenWhile(timestamps)).to.equal(0);
      hideTab(false);
      await frames(timestamps.length + 2);
    });

    it('does not start in a hidden tab', async () => {
      hideTab(true);
      const { frames, timestamps } = startLoop();
      expect(await takenWhile(timestamps)).to.equal(0);
      hideTab(false);
      await frames(1);
    });

    for (const [how, style] of [
      ['scrolled out of view', { position: 'absolute', top: '-3000px' }],
      ['not rendered', { display: 'none' }],
    ] as const) {
      it(`rests while it is ${how} and goes on after`, async () => {
        const { frames, timestamps } = startLoop();
        await frames(1);
        Object.assign(drawn.video.style, style);
        await seenByObserver(drawn.video, false);
        expect(await takenWhile(timestamps)).to.equal(0);
        drawn.video.removeAttribute('style');
        await frames(timestamps.length + 2);
      });
    }

    it('works on a video that is in no page', async () => {
      const video = Object.assign(document.createElement('video'), { muted: true });
      video.srcObject = drawn.stream;
      await video.play();
      await new Promise<void>((resolve, reject) => {
        let taken = 0;
        loop = new FrameLoop(video, {
          onFrame: () => {
            if (++taken === 3) resolve();
            return Promise.resolve();
          },
          onError: reject,
        });
      });
    });
  });

  describe('with frames that may overlap', () => {
    /** Work that ends on demand; what was taken and what came out, in order. */
    function startOverlapping(mayOverlap: (inWorkMs: number) => boolean) {
      const ends: (() => void)[] = [];
      const results: number[] = [];
      const errors: unknown[] = [];
      let arrived: (() => void) | undefined;
      loop = new FrameLoop<number>(drawn.video, {
        mayOverlap,
        onFrame: () =>
          new Promise((resolve) => {
            const frame = ends.length + 1;
            ends.push(() => resolve(frame));
            arrived?.();
          }),
        onResult: (frame) => Promise.resolve(void results.push(frame)),
        onError: (error) => errors.push(error),
      });
      return {
        ends,
        results,
        errors,
        taken: (wanted: number) =>
          new Promise<void>((resolve) => {
            arrived = () => {
              if (ends.length >= wanted) resolve();
            };
            arrived();
          }),
      };
    }

    it('has two in work and never three, and takes a new one for each that is done', async () => {
      const { ends, taken } = startOverlapping(() => true);
      await taken(2);
      await drawn.shown(4);
      expect(ends).to.have.lengthOf(2);
      ends[0]!();
      await taken(3);
      await drawn.shown(3);
      expect(ends).to.have.lengthOf(3);
      for (const end of ends) end();
    });

    it('hands results on in the order of the frames', async () => {
      const { ends, results, taken } = startOverlapping(() => true);
      await taken(2);
      ends[1]!();
      await drawn.shown(2);
      expect(results).to.deep.equal([]);
      expect(ends).to.have.lengthOf(2); // it is in work until those before it are done with
      ends[0]!();
      await taken(3);
      expect(results).to.deep.equal([1, 2]);
    });

    it('hands on nothing after it was stopped', async () => {
      const { ends, results, taken } = startOverlapping(() => true);
      await taken(1);
      loop!.stop();
      for (const end of ends) end();
      await loop!.idle;
      expect(results).to.deep.equal([]);
    });

    it('takes no second one before it is time', async () => {
      const asked: number[] = [];
      const { ends, taken } = startOverlapping((inWorkMs) => asked.push(inWorkMs) > 5);
      await taken(2);
      expect(asked).to.have.lengthOf(6);
      expect(asked).to.deep.equal([...asked].sort((a, b) => a - b));
      expect(asked[0]).to.be.above(0);
      for (const end of ends) end();
    });

    it('is idle when all are done with', async () => {
      const { ends, taken } = startOverlapping(() => true);
      await taken(2);
      loop!.stop();
      let isIdle = false;
      const idle = loop!.idle.then(() => (isIdle = true));
      ends[1]!();
      await drawn.shown(1);
      expect(isIdle).to.equal(false);
      ends[0]!();
      await idle;
    });
  });

  it('takes the frames only that are due', async () => {
    let asked = 0;
    loop = new FrameLoop(drawn.video, {
      isDue: () => ++asked % 3 === 0,
      onFrame: () => Promise.resolve(void (taken += 1)),
      onError: (error) => {
        throw error;
      },
    });
    let taken = 0;
    while (asked < 9) await drawn.shown(1);
    loop.stop();
    expect(taken).to.equal(Math.floor(asked / 3));
  });

  it('takes no frame of a paused video that is wound to another place', async () => {
    const video = Object.assign(document.createElement('video'), { muted: true, src: CLIP });
    document.body.append(video);
    await video.play();
    let count = 0;
    loop = new FrameLoop(video, {
      onFrame: () => Promise.resolve(void (count += 1)),
      onError: (error) => {
        throw error;
      },
    });
    video.pause();
    await new Promise((resolve) => {
      video.addEventListener('pause', resolve, { once: true });
    });
    const before = count;
    const shown = new Promise((resolve) => {
      video.requestVideoFrameCallback(resolve);
    });
    video.currentTime = 5;
    await shown;
    video.remove();
    expect(count).to.equal(before);
  });

  it('takes nothing after stop', async () => {
    const { frames, timestamps, loop } = startLoop();
    await frames(1);
    loop.stop();
    await loop.idle;
    const before = timestamps.length;
    await drawn.shown(3);
    expect(timestamps).to.have.length(before);
  });

  it('lets the frame in work finish after stop', async () => {
    let isFinished = false;
    const { frames, loop } = startLoop(async () => {
      await drawn.shown(2);
      isFinished = true;
    });
    await frames(1);
    loop.stop();
    await loop.idle;
    expect(isFinished).to.equal(true);
  });

  it('stops at the first error and says it once', async () => {
    const failure = new Error('This frame is bad.');
    const { frames, timestamps, errors } = startLoop(() => Promise.reject(failure));
    await frames(1);
    await drawn.shown(3);
    expect(errors).to.deep.equal([failure]);
    expect(timestamps).to.have.length(1);
  });

  it('keeps an error to itself that comes after stop', async () => {
    const { frames, errors, loop } = startLoop(async () => {
      await drawn.shown(1);
      throw new Error('Too late.');
    });
    await frames(1);
    loop.stop();
    await loop.idle;
    expect(errors).to.deep.equal([]);
  });
});
