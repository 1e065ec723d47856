import { expect } from 'chai';
import { WebMOutputFormat } from 'mediabunny';
import { analyzeVideo, type AnalysisOptions } from '../../src/analysis/analyze-video.js';
import type { AnalysisProgress } from '../../src/analysis/analysis-progress.js';
import { rejectionOf } from '../support/failure.js';
import { narrowModel } from '../support/narrow-model.js';
import { CLIP } from './support/clip.js';
import { hostModel } from './support/hosted-model.js';
import { MP4, madeVideo, silence } from './support/made-video.js';
import { astronaut, drawn, placed } from './support/pictures.js';
import { rejection } from './support/rejection.js';

/** Seconds, as the clip's own file has them: `ffprobe -show_entries packet=pts_time`. */
const CLIP_TIMES = Array.from({ length: 150 }, (_, i) => Math.round((i / 15) * 1000));

describe('analyzeVideo', () => {
  let model: string;
  let clip: Blob;

  before(async () => {
    model = await hostModel(await narrowModel());
    clip = await (await fetch(CLIP)).blob();
  });

  const options = (more: AnalysisOptions = {}): AnalysisOptions => ({
    ...more,
    recognizer: { model, backend: 'wasm', ...more.recognizer },
  });
  const analyze = (video: Blob | URL | string | HTMLVideoElement, more?: AnalysisOptions) =>
    analyzeVideo(video, options(more));
  const timesOf = ({ recording }: Awaited<ReturnType<typeof analyzeVideo>>) =>
    recording.frames.map(({ timeMs }) => timeMs);

  it('reads every frame of the clip at its own time, twice the same, and follows the face', async () => {
    const progress: AnalysisProgress[] = [];
    const analysis = await analyze(clip, { onProgress: (now) => progress.push(now) });
    expect(analysis.ending).to.equal('complete');
    expect(analysis.decoding.name).to.equal('webcodecs');
    expect(analysis.frames).to.equal(150);
    expect(analysis.durationMs).to.be.closeTo(10_000, 1);
    expect(timesOf(analysis)).to.deep.equal(CLIP_TIMES);
    const idsAt = (from: number, to: number): number[] => [
      ...new Set(
        analysis.recording.frames
          .filter(({ timeMs }) => timeMs >= from && timeMs < to)
          .flatMap(({ faces }) => faces.map(({ id }) => id)),
      ),
    ];
    expect(idsAt(0, 5400)).to.deep.equal([1]); // until it leaves
    expect(idsAt(6200, 7900)).to.deep.equal([]);
    expect(idsAt(8700, 10_000)).to.have.lengthOf(1).and.not.include(1);

    expect(progress.map(({ frames }) => frames)).to.deep.equal(CLIP_TIMES.map((_, i) => i + 1));
    const { fraction, remainingMs, speed } = progress.at(-1)!;
    expect(fraction).to.be.closeTo(9933 / 10_000, 1e-3);
    expect(remainingMs).to.be.closeTo(67 / speed, 2);

    const again = await analyze(clip);
    expect(JSON.stringify(again.recording)).to.equal(JSON.stringify(analysis.recording));
    expect(analysis.recording.toJSON().startedAt).to.equal(null);
  });

  it('takes an address, and an element, which it leaves as it is', async () => {
    const src = URL.createObjectURL(clip);
    const video = Object.assign(document.createElement('video'), { src });
    const [first, second] = [await analyze(CLIP, { fps: 1 }), await analyze(video, { fps: 1 })];
    expect(timesOf(first)).to.have.lengthOf(10);
    expect(timesOf(second)).to.deep.equal(timesOf(first));
    expect([video.currentTime, video.src]).to.deep.equal([0, src]);
    URL.revokeObjectURL(src);
  });

  it('reads the frames in the middle of each interval, with their own times', async () => {
    const seldom = await analyze(clip, { fps: 2 });
    expect(timesOf(seldom).slice(0, 3)).to.deep.equal([200, 733, 1200]); // shown at 250, 750, 1250
    expect(timesOf(seldom)).to.have.lengthOf(20);
  });

  it('reads frames that come at any time, and none twice', async () => {
    const seconds = [0.25, 0.3, 0.75, 0.76];
    // As a browser records: the file does not say how long it is.
    const format = new WebMOutputFormat({ appendOnly: true });
    const drawing = seconds.map((at) => ({ seconds: at, draw: drawn(320, 240) }));
    const video = await madeVideo(drawing, { format });
    const times = seconds.map((at) => at * 1000);
    expect(timesOf(await analyze(video))).to.deep.equal(times);
    expect(timesOf(await analyze(video, { fps: 500 }))).to.deep.equal(times);
  });

  it('turns a recording of a telephone as it says', async () => {
    const portrait = await astronaut();
    // Lies on its side in the file: only turned by 90 degrees is there an upright face.
    const lying = placed(
      portrait,
      { width: 512, height: 384 },
      { x: 0, y: 384, scale: 0.75, tilt: -90 },
    );
    const sizes = { width: 512, height: 384, format: MP4 };
    const draw = [0, 0.1].map((seconds) => ({ seconds, draw: lying }));
    const { recording } = await analyze(await madeVideo(draw, { ...sizes, rotation: 90 }));
    const { box, rollDegrees } = recording.frames[0]!.faces[0]!;
    expect(box.x + box.width / 2).to.be.closeTo(224 * 0.75, 12);
    expect(box.y + box.height / 2).to.be.closeTo(130 * 0.75, 20);
    expect(Math.abs(rollDegrees)).to.be.below(12);
  });

  it('keeps what it has when it is cancelled', async () => {
    const controller = new AbortController();
    const analysis = await analyze(clip, {
      signal: controller.signal,
      onProgress: ({ frames }) => {
        if (frames === 10) controller.abort();
      },
    });
    expect(analysis.ending).to.equal('cancelled');
    expect(timesOf(analysis)).to.deep.equal(CLIP_TIMES.slice(0, 10));
    const before = AbortSignal.abort(new Error('not now'));
    expect(await rejection(analyze(clip, { signal: before }))).to.have.property(
      'message',
      'not now',
    );
  });

  it('gives up while a server does not answer', async () => {
    const controller = new AbortController();
    const { fetch } = globalThis;
    let calls = 0;
    globalThis.fetch = async (...request) => {
      if (++calls === 1) return fetch(...request);
      controller.abort(new Error('enough'));
      return new Promise(() => undefined);
    };
    try {
      const { signal } = controller;
      expect(await rejection(analyze(CLIP, { signal }))).to.have.property('message', 'enough');
      expect(calls).to.equal(2);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('hands on what a listener throws', async () => {
    const failure = new Error('mine');
    const onProgress = (): void => {
      throw failure;
    };
    expect(await rejection(analyze(clip, { onProgress }))).to.equal(failure);
  });

  describe('where there are no WebCodecs', () => {
    const { VideoDecoder } = globalThis;
    beforeEach(() => {
      Reflect.deleteProperty(globalThis, 'VideoDecoder');
    });
    afterEach(() => {
      Object.assign(globalThis, { VideoDecoder });
    });

    it('seeks through the video, to the same frames, and says so', async () => {
      const analysis = await analyze(clip, { fps: 3 });
      expect(analysis.decoding.name).to.equal('seeking');
      expect(analysis.decoding.reason).to.match(/3 times a second.*no WebCodecs/);
      Object.assign(globalThis, { VideoDecoder });
      const decoded = await analyze(clip, { fps: 3 });
      expect(decoded.decoding.name).to.equal('webcodecs');
      expect(timesOf(analysis)).to.deep.equal(timesOf(decoded));
      const leftOf = ({ recording }: typeof analysis): number[] =>
        recording.frames.map(({ faces }) => faces[0]?.box.x ?? -1);
      const expected = leftOf(decoded);
      leftOf(analysis).forEach((left, i) => expect(left).to.be.closeTo(expected[i]!, 3));
    });

    it('says what is wrong with a file', async () => {
      expect(await rejectionOf(analyze(new Blob(['no video'])))).to.have.property(
        'code',
        'video-unreadable',
      );
      expect(await rejectionOf(analyze(silence()))).to.have.property(
        'code',
        'video-without-picture',
      );
    });
  });

  it('says what is wrong with a file, before it loads a model', async () => {
    const nowhere = { recognizer: { model: '/nowhere/' } };
    const codeOf = async (video: Blob | string | URL): Promise<string> =>
      (await rejectionOf(analyze(video, nowhere))).code;
    expect(await codeOf(new Blob([]))).to.equal('video-empty');
    expect(await codeOf(new Blob(['no video'], { type: 'video/mp4' }))).to.equal(
      'video-unreadable',
    );
    expect(await codeOf(clip.slice(0, 300))).to.equal('video-unreadable');
    expect(await codeOf(silence())).to.equal('video-without-picture');
    expect(await codeOf(new URL('/nowhere.webm', location.href))).to.equal('video-unreachable');
    expect(await codeOf('')).to.equal('option-invalid');
    expect(await codeOf(5 as unknown as string)).to.equal('option-invalid');
    expect(await codeOf(clip)).to.equal('manifest-missing');
  });

  it('refuses options that make no sense', async () => {
    for (const wrong of [{ fps: 0 }, { fps: NaN }, { onProgress: 3 }, { signal: {} }]) {
      const error = await rejectionOf(analyze(clip, wrong as AnalysisOptions));
      expect(error.code).to.equal('option-invalid');
      expect(error.message).to.contain(Object.keys(wrong)[0]);
    }
  });

  it('gives the part of a damaged video that can be read', async () => {
    const bytes = new Uint8Array(await clip.arrayBuffer());
    bytes.fill(0xff, 40_000, 42_000);
    const analysis = await analyze(new Blob([bytes]));
    expect(analysis.frames).to.be.within(20, 149);
    expect(timesOf(analysis)).to.deep.equal(CLIP_TIMES.slice(0, analysis.frames));
    expect(analysis.ending).to.equal('failed');
    expect(analysis.error!.code).to.equal('video-unreadable');
  });
});
