import { checkOption, checkOptions } from './check-option.js';
import type { Box } from './face-detector.js';
import { EMOTIONS, type Emotion } from './network/emotions.js';
import type { FaceReading, RecognitionResult, Scores } from './reading.js';
import { recordingToCsv } from './recording-csv.js';
import { recordingToVtt } from './recording-vtt.js';
import { RowRing } from './row-ring.js';

/** How a {@link Recording} is made. Everything is optional. */
export interface RecordingOptions {
  /**
   * How many readings are kept: one for each face of a frame, and one for a frame without. When there
   * are more, the oldest frames are dropped. One takes 248 bytes, so the default of 100,000 is 25 MB at
   * most: 55 minutes of one face at 30 frames a second.
   */
  readonly maxReadings?: number | undefined;
  /** Keeps at most one frame in so many milliseconds. Default: 0, every frame. */
  readonly everyMs?: number | undefined;
}

/** A face of a recorded frame: a {@link FaceReading} without key points and logits. */
export interface RecordedFace {
  readonly id: number;
  readonly emotion: Emotion;
  readonly isUncertain: boolean;
  readonly detectionScore: number;
  readonly rollDegrees: number;
  /** In pixels of the frame. */
  readonly box: Box;
  readonly scores: Scores;
  readonly calibratedScores: Scores;
  readonly rawScores: Scores;
}

/** A frame that was recorded. */
export interface RecordedFrame {
  /**
   * Since the first frame of the recording, on the clock of the frames; of a recorded video its
   * presentation time. Rises from frame to frame.
   */
  readonly timeMs: number;
  /** Empty where there was none. */
  readonly faces: readonly RecordedFace[];
}

/** A recording as JSON. */
export interface RecordingData {
  readonly format: 'emotion-cam-recording';
  readonly formatVersion: 1;
  /** Name of the model. */
  readonly model: string;
  /** Time of day when the first result was ready, ISO 8601; null before it, and of a recorded video. */
  readonly startedAt: string | null;
  /** `timestampMs` of the first frame, from which `timeMs` counts; null before it. 0 of a recorded video. */
  readonly startTimestampMs: number | null;
  /** Frames that were dropped from the start because there were too many. */
  readonly droppedFrames: number;
  /** Oldest first. */
  readonly frames: readonly RecordedFrame[];
}

/** Of a row: the time, nine numbers of the face as in `toNumbers`, three times the scores. */
const COLUMNS = 10 + 3 * EMOTIONS.length;
/** In place of a face, in a frame without one; ids begin with 1. */
const NOBODY = 0;

/**
 * Collects results as numbers, never pictures, in a bounded memory: made by
 * `EmotionRecognizer.record()`.
 */
export class Recording {
  readonly #model: string;
  readonly #everyMs: number;
  readonly #rows: RowRing;
  readonly #unsubscribe: () => void;
  readonly #isLive: boolean;
  #startTimestampMs: number | undefined;
  /** On the clock of the frames, what is 0 in the recording; moves when a video starts over. */
  #originMs: number;
  #lastMs = -Infinity;
  #startedAt: Date | undefined;
  #droppedFrames = 0;

  /**
   * @param source.model - name of the model
   * @param source.subscribe - has every result handed over, until what it returns is called
   * @param source.originMs - what is 0 in the recording, on the clock of the frames, where they were not
   *   taken now; none: the first of them
   * @throws {EmotionCamError} `option-invalid`
   */
  constructor(
    source: {
      readonly model: string;
      readonly subscribe: (add: (result: RecognitionResult) => void) => () => void;
      readonly originMs?: number;
    },
    options: RecordingOptions = {},
  ) {
    checkOptions(options);
    const { maxReadings = 100_000, everyMs = 0 } = options;
    checkOption(
      { maxReadings },
      Number.isSafeInteger(maxReadings) && maxReadings >= 1,
      '1, 2, 3, …',
    );
    checkOption({ everyMs }, Number.isFinite(everyMs) && everyMs >= 0, 'milliseconds, 0 or more');
    this.#model = source.model;
    this.#isLive = source.originMs === undefined;
    this.#startTimestampMs = source.originMs;
    this.#originMs = source.originMs ?? 0;
    this.#everyMs = everyMs;
    this.#rows = new RowRing(COLUMNS, maxReadings);
    this.#unsubscribe = source.subscribe((result) => {
      this.#add(result);
    });
  }

  /** Takes no more results. What was recorded stays. */
  stop(): void {
    this.#unsubscribe();
  }

  /** Frames that were dropped because there were more than `maxReadings`. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /**
   * `timestampMs` of the first frame, from which `timeMs` counts: brings a recording together with
   * times that the page took by `performance.now()`. None before the first frame.
   */
  get startTimestampMs(): number | undefined {
    return this.#startTimestampMs;
  }

  /** The recorded frames, oldest first. */
  get frames(): readonly RecordedFrame[] {
    const frames: { timeMs: number; faces: RecordedFace[] }[] = [];
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows.row(i);
      const timeMs = row[0]!;
      let frame = frames.at(-1);
      if (frame?.timeMs !== timeMs) frames.push((frame = { timeMs, faces: [] }));
      if (row[1] !== NOBODY) frame.faces.push(toFace(row));
    }
    return frames;
  }

  /** For `JSON.stringify(recording)`. */
  toJSON(): RecordingData {
    return {
      format: 'emotion-cam-recording',
      formatVersion: 1,
      model: this.#model,
      startedAt: this.#startedAt?.toISOString() ?? null,
      startTimestampMs: this.#startTimestampMs ?? null,
      droppedFrames: this.#droppedFrames,
      frames: this.frames,
    };
  }

  /** A table with a header and a row for each face; a frame without one is a row with its time alone. */
  toCsv(): string {
    return recordingToCsv(this.frames);
  }

  /** Subtitles (WebVTT): a cue for as long as a face shows an expression. */
  toVtt(): string {
    return recordingToVtt(this.frames);
  }

  #add({ faces, timestampMs }: RecognitionResult): void {
    const isSoon = timestampMs >= this.#lastMs && timestampMs < this.#lastMs + this.#everyMs;
    if (isSoon || timestampMs === this.#lastMs) return; // the same frame again
    if (this.#isLive && !this.#startedAt) {
      this.#startedAt = new Date();
      this.#originMs = this.#startTimestampMs = timestampMs;
    } else if (timestampMs < this.#lastMs) {
      this.#originMs -= this.#lastMs - timestampMs + 1; // a video that starts over: time goes on
    }
    this.#lastMs = timestampMs;
    const timeMs = timestampMs - this.#originMs;
    if (faces.length === 0) this.#push([timeMs, NOBODY]);
    for (const face of faces) this.#push([timeMs, ...toNumbers(face)]);
  }

  #push(row: readonly number[]): void {
    if (this.#rows.isFull) this.#dropFrame();
    this.#rows.push(row);
  }

  #dropFrame(): void {
    const timeMs = this.#rows.row(0)[0];
    while (this.#rows.length > 0 && this.#rows.row(0)[0] === timeMs) this.#rows.shift();
    this.#droppedFrames += 1;
  }
}

function toNumbers(face: FaceReading): number[] {
  const { x, y, width, height } = face.box;
  return [
    ...[face.id, EMOTIONS.indexOf(face.emotion), Number(face.isUncertain)],
    ...[face.detectionScore, face.rollDegrees, x, y, width, height],
    ...[face.scores, face.calibratedScores, face.rawScores].flatMap((scores) =>
      EMOTIONS.map((emotion) => scores[emotion]),
    ),
  ];
}

function toFace(row: Float64Array): RecordedFace {
  const at = (column: number): number => row[column]!;
  const toScores = (firstColumn: number): Scores =>
    Object.fromEntries(EMOTIONS.map((emotion, i) => [emotion, at(firstColumn + i)])) as Scores;
  return {
    id: at(1),
    emotion: EMOTIONS[at(2)]!,
    isUncertain: at(3) === 1,
    detectionScore: at(4),
    rollDegrees: at(5),
    box: { x: at(6), y: at(7), width: at(8), height: at(9) },
    scores: toScores(10),
    calibratedScores: toScores(10 + EMOTIONS.length),
    rawScores: toScores(10 + 2 * EMOTIONS.length),
  };
}
