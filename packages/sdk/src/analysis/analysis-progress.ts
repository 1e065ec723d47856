import type { RecognitionResult } from '../reading.js';

/** How far the analysis of a video has come. */
export interface AnalysisProgress {
  /** Frames that were read so far. */
  readonly frames: number;
  /** Presentation time of the newest of them. */
  readonly timeMs: number;
  /** When the last frame ends, as far as the file says. */
  readonly durationMs: number;
  /** 0..1 */
  readonly fraction: number;
  /** How many seconds of the video are read in a second. */
  readonly speed: number;
  /** How long it will still take at this speed. */
  readonly remainingMs: number;
  /** What was recognised in the newest frame. */
  readonly result: RecognitionResult;
}

/**
 * @param startedMs - when the first frame was begun, on the clock of `nowMs`
 * @param result - of the newest frame, the `frames`th
 */
export function progressAt(
  { frames, durationMs, startedMs }: { frames: number; durationMs: number; startedMs: number },
  result: RecognitionResult,
  nowMs: number,
): AnalysisProgress {
  const timeMs = result.timestampMs;
  const total = Math.max(durationMs, timeMs);
  const speed = timeMs / Math.max(1, nowMs - startedMs);
  return {
    ...{ frames, timeMs, durationMs: total, result, speed },
    fraction: total > 0 ? timeMs / total : 1,
    remainingMs: speed > 0 ? (total - timeMs) / speed : 0,
  };
}
