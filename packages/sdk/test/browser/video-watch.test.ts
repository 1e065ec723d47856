import { expect } from 'chai';
import { EmotionCamError, type EmotionCamErrorCode } from '../../src/errors.js';
import type { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognitionResult } from '../../src/reading.js';
import { VideoWatch, type WatchOptions } from '../../src/video-watch.js';
import { drawnVideo, type DrawnVideo } from './support/drawn-video.js';

/** How the loop itself goes: frame-loop.test.ts. With the network: recognizer-page.test.ts. */
describe('VideoWatch', () => {
  let drawn: DrawnVideo;
  let watch: VideoWatch | undefined;

  beforeEach(async () => {
    drawn = await drawnVideo();
  });
  afterEach(() => {
    watch?.stop();
    drawn.dispose();
  });

  /** Watches with frames that are read as the script says; the results come one by one. */
  function startWatch({
    fails = () => undefined,
    onResult = () => undefined,
  }: {
    fails?: (frame: number) => EmotionCamErrorCode | undefined;
    onResult?: WatchOptions['onResult'];
  } = {}) {
    let frames = 0;
    let arrived: (() => void) | undefined;
    const results: RecognitionResult[] = [];
    const recognizer: Pick<EmotionRecognizer, 'backend' | 'recognize'> = {
      backend: { name: 'wasm', reason: 'A test wants it.' },
      async recognize(_video, timestampMs = 0) {
        frames += 1;
        const code = fails(frames);
        if (code) throw new EmotionCamError(code, 'A test wants it.');
        await Promise.resolve();
        return {
          faces: [],
          timestampMs,
          timings: { detectMs: 1, cropMs: 0, networkMs: 0, readbackMs: 0, totalMs: 1 },
          frame: { width: 160, height: 120 },
        };
      },
    };
    watch = new VideoWatch(recognizer, drawn.video, {
      onResult: async (result) => {
        results.push(result);
        await onResult(result);
        arrived?.();
      },
    });
    return {
      watch,
      results,
      /** Resolves when so many results have come. */
      until: (wanted: number) =>
        new Promise<void>((resolve) => {
          arrived = () => {
            if (results.length >= wanted) resolve();
          };
          arrived();
        }),
    };
  }

  it('hands over results with rising times until it is stopped', async () => {
    const { watch, results, until } = startWatch();
    await until(3);
    watch.stop();
    await watch.ended;
    const { length } = results;
    await drawn.shown(3);
    expect(results).to.have.length(length);
    const times = results.map(({ timestampMs }) => timestampMs);
    expect(times).to.deep.equal([...new Set(times)].sort((a, b) => a - b));
  });

  it('waits for what is done with a result', async () => {
    let inWork = 0;
    let most = 0;
    const { until } = startWatch({
      onResult: async () => {
        most = Math.max(most, ++inWork);
        await drawn.shown(2);
        inWork -= 1;
      },
    });
    await until(3);
    expect(most).to.equal(1);
  });

  it('says nothing of a frame that is in work when it is stopped', async () => {
    let taken: (() => void) | undefined;
    const isTaken = new Promise<void>((resolve) => (taken = resolve));
    const { watch, results } = startWatch({
      fails: () => {
        taken?.();
        return undefined;
      },
    });
    await isTaken;
    watch.stop();
    await watch.ended;
    expect(results).to.have.length(0);
  });

  it('goes on after frames that the recognizer dropped', async () => {
    const { until } = startWatch({
      fails: (frame) => (frame < 3 ? 'frame-dropped' : undefined),
    });
    await until(2);
  });

  it('takes another pace on the way', async () => {
    const { watch, results, until } = startWatch();
    await until(1);
    watch.maxFps = 1e-6;
    await until(2); // the first frame of the new pace is due at once, or the next is
    const { length } = results;
    await drawn.shown(4);
    expect(results).to.have.length(length);
  });

  it('ends with what a frame cannot be read for', async () => {
    const { watch } = startWatch({ fails: () => 'frame-unreadable' });
    const error = await watch.ended.catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'frame-unreadable');
  });

  it('ends with what its listener throws', async () => {
    const { watch } = startWatch({
      onResult: () => {
        throw new RangeError('of the page');
      },
    });
    const error = await watch.ended.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RangeError);
  });

  it('ends in peace when the recognizer is disposed of', async () => {
    const { watch } = startWatch({ fails: () => 'recognizer-disposed' });
    await watch.ended;
  });

  const recognizer = {
    backend: { name: 'wasm', reason: 'A test wants it.' },
    recognize: () => Promise.reject(new Error('never called')),
  } as const;
  const wrong: [string, unknown, unknown][] = [
    ['video', document.createElement('canvas'), { onResult: () => undefined }],
    ['onResult', undefined, {}],
    ['maxFps', undefined, { onResult: () => undefined, maxFps: 0 }],
    ['maxFps', undefined, { onResult: () => undefined, maxFps: NaN }],
  ];
  for (const [name, video, options] of wrong) {
    it(`refuses a wrong ${name}`, () => {
      const make = (): VideoWatch =>
        new VideoWatch(
          recognizer,
          (video ?? drawn.video) as HTMLVideoElement,
          options as WatchOptions,
        );
      expect(make).to.throw(EmotionCamError, name).with.property('code', 'option-invalid');
    });
  }
});
