import { beforeEach, describe, expect, it } from 'vitest';
import { ExpressionReader } from '../src/expression-reader.js';
import { EMOTIONS, type Emotion } from '../src/network/emotions.js';
import type { RecognitionResult } from '../src/reading.js';
import { resolveOptions } from '../src/recognizer-options.js';
import { Recording, type RecordingOptions } from '../src/recording.js';
import { failureOf } from './support/failure.js';
import { classified, frameOf } from './support/readings.js';

describe('Recording', () => {
  let listeners: Set<(result: RecognitionResult) => void>;

  beforeEach(() => {
    listeners = new Set();
  });

  function record(options?: RecordingOptions): Recording {
    const subscribe = (add: (result: RecognitionResult) => void): (() => void) => {
      listeners.add(add);
      return () => listeners.delete(add);
    };
    return new Recording({ model: 'narrow', subscribe }, options);
  }

  /** A frame whose faces, 1, 2, …, show these expressions at 80 %, or so much. */
  function show(timestampMs: number, emotions: readonly Emotion[], share = 0.8): RecognitionResult {
    const reader = new ExpressionReader({ labels: EMOTIONS, temperature: 1 }, resolveOptions({}));
    const faces = emotions.map((emotion, i) => classified({ [emotion]: share }, { id: i + 1 }));
    const result = reader.read(frameOf(faces, timestampMs));
    for (const add of listeners) add(result);
    return result;
  }

  it('keeps frames with their faces, from time 0 on', () => {
    const recording = record();
    const result = show(5000, ['fear', 'anger']);
    show(5040, []);
    const [first, second] = recording.frames;
    expect([first!.timeMs, second!.timeMs]).toEqual([0, 40]);
    expect(first!.faces.map(({ id, emotion }) => [id, emotion])).toEqual([
      [1, 'fear'],
      [2, 'anger'],
    ]);
    expect(result.faces[1]).toMatchObject(first!.faces[1]!);
    expect(Object.keys(result.faces[1]!).filter((key) => !(key in first!.faces[1]!))).toEqual([
      'keyPoints',
      'logits',
    ]);
    expect(second!.faces).toEqual([]);
  });

  it('keeps the times of a video, and no time of day', () => {
    const subscribe = (add: (result: RecognitionResult) => void): (() => void) => {
      listeners.add(add);
      return () => listeners.delete(add);
    };
    const recording = new Recording({ model: 'narrow', subscribe, originMs: 0 });
    show(250, ['fear']);
    show(300, ['fear']);
    expect(recording.frames.map(({ timeMs }) => timeMs)).toEqual([250, 300]);
    expect(recording.toJSON().startedAt).toBeNull();
  });

  it('takes nothing after stop, and keeps what it has', () => {
    const recording = record();
    show(0, ['fear']);
    recording.stop();
    show(40, ['fear']);
    expect(recording.frames).toHaveLength(1);
    expect(listeners.size).toBe(0);
  });

  it('drops the oldest whole frames when there are too many, and counts them', () => {
    const recording = record({ maxReadings: 5 });
    for (let i = 0; i < 10; i++) show(i * 10, ['fear', 'anger']);
    expect(recording.frames.map(({ timeMs, faces }) => [timeMs, faces.length])).toEqual([
      [80, 2],
      [90, 2],
    ]);
    expect(recording.droppedFrames).toBe(8);
  });

  it('keeps one frame in so many milliseconds', () => {
    const recording = record({ everyMs: 100 });
    for (let i = 0; i <= 30; i++) show(i * 33, ['fear']);
    expect(recording.frames.map(({ timeMs }) => timeMs)).toEqual(
      [0, 4, 8, 12, 16, 20, 24, 28].map((i) => i * 33),
    );
  });

  it('takes a frame that is shown twice once', () => {
    const recording = record();
    show(10, ['fear']);
    show(10, ['fear']);
    expect(recording.frames).toHaveLength(1);
  });

  it('goes on in time where a video starts over', () => {
    const recording = record();
    for (const ms of [1000, 1040, 0, 40]) show(ms, ['fear']);
    expect(recording.frames.map(({ timeMs }) => timeMs)).toEqual([0, 40, 41, 81]);
    expect(recording.startTimestampMs).toBe(1000);
  });

  it('says when it began on the clock of the frames, also when the first are dropped', () => {
    const recording = record({ maxReadings: 2 });
    expect(recording.startTimestampMs).toBeUndefined();
    for (const ms of [5000.5, 5040, 5080]) show(ms, ['fear']);
    expect(recording.startTimestampMs).toBe(5000.5);
    expect(recording.frames[0]!.timeMs + recording.startTimestampMs!).toBe(5040);
  });

  it.each([{ maxReadings: 0 }, { maxReadings: 1.5 }, { everyMs: -1 }, { everyMs: NaN }])(
    'refuses %o',
    (options) => {
      expect(failureOf(() => record(options)).code).toBe('option-invalid');
      expect(listeners.size).toBe(0);
    },
  );

  describe('as JSON', () => {
    it('says what it is and gives every frame back', () => {
      const recording = record();
      show(7, ['fear']);
      show(50, []);
      const json = JSON.parse(JSON.stringify(recording)) as ReturnType<Recording['toJSON']>;
      expect(json).toMatchObject({
        format: 'emotion-cam-recording',
        formatVersion: 1,
        model: 'narrow',
        droppedFrames: 0,
        startTimestampMs: 7,
      });
      expect(Date.parse(json.startedAt!)).toBeLessThanOrEqual(Date.now());
      expect(json.frames).toEqual(recording.frames);
    });

    it('is valid when nothing was recorded', () => {
      expect(record().toJSON()).toMatchObject({
        startedAt: null,
        startTimestampMs: null,
        frames: [],
      });
    });
  });

  describe('as CSV', () => {
    it('has a row for each face under a header', () => {
      const recording = record();
      show(0, ['fear', 'anger']);
      show(40.26, []);
      const lines = recording.toCsv().split('\r\n');
      expect(lines).toHaveLength(5); // header, two faces, an empty frame, the end of the last line
      const [header, first, second, empty, end] = lines.map((line) => line.split(','));
      expect(header).toHaveLength(10 + 21);
      const cell = (line: string[], name: string): string => line[header!.indexOf(name)]!;
      expect(first!.slice(0, 6)).toEqual(['0.0', '1', 'fear', 'false', '0.9000', '0.00']);
      expect(cell(first!, 'score_fear')).toBe('0.8000');
      expect(cell(second!, 'raw_anger')).toBe('0.8000');
      expect(cell(second!, 'x_px')).toBe('150.0');
      expect(empty![0]).toBe('40.3');
      expect(empty!.slice(1).every((text) => text === '')).toBe(true);
      expect(empty).toHaveLength(header!.length);
      expect(end).toEqual(['']);
    });
  });

  describe('as WebVTT', () => {
    it('has a cue for as long as an expression lasts', () => {
      const recording = record();
      for (const ms of [0, 500, 1000]) show(ms, ['happiness']);
      for (const ms of [1500, 2000]) show(ms, ['fear'], 0.4);
      show(2500, []);
      expect(recording.toVtt()).toBe(
        'WEBVTT\n\n' +
          '00:00:00.000 --> 00:00:01.500\n<v Face 1>happiness 80 %\n\n' +
          '00:00:01.500 --> 00:00:02.500\n<v Face 1>fear? 40 %\n',
      );
    });

    it('has cues of several faces side by side', () => {
      const recording = record();
      show(0, ['fear', 'anger']);
      show(400, ['fear', 'sadness']);
      expect(recording.toVtt().match(/.*-->.*\n.*/g)).toEqual([
        '00:00:00.000 --> 00:00:00.500\n<v Face 1>fear 80 %',
        '00:00:00.000 --> 00:00:00.400\n<v Face 2>anger 80 %',
        '00:00:00.400 --> 00:00:00.500\n<v Face 2>sadness 80 %',
      ]);
    });

    it('ends a cue where frames pause', () => {
      const recording = record();
      show(0, ['fear']);
      show(3_723_004, ['fear']);
      expect(recording.toVtt().match(/.*-->.*/g)).toEqual([
        '00:00:00.000 --> 00:00:00.100',
        '01:02:03.004 --> 01:02:03.104',
      ]);
    });

    it('is valid when nothing was recorded', () => {
      expect(record().toVtt()).toBe('WEBVTT\n');
    });
  });
});
