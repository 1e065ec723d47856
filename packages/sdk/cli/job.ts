import type { AnalysisOptions, VideoAnalysis } from '../src/index.js';

export const FORMATS = ['csv', 'json', 'vtt'] as const;

/** What a recording is written as. */
export type Format = (typeof FORMATS)[number];

/** What the page in Chromium is to do; it asks for it at `job`. */
export interface Job {
  readonly fps: number | undefined;
  readonly recognizer: NonNullable<AnalysisOptions['recognizer']>;
  readonly formats: readonly Format[];
}

/** What the page posts to `report`. Outputs come before `done`, to `output/<format>`. */
export type Report =
  /** It is at work, without news. */
  | { readonly type: 'alive' }
  | {
      readonly type: 'progress';
      readonly timeMs: number;
      readonly durationMs: number;
      readonly fraction: number;
      readonly speed: number;
      readonly remainingMs: number;
    }
  | ({
      readonly type: 'done';
      /** How many faces, by their ids. */
      readonly faces: number;
      /** Presentation time of the last frame. */
      readonly analyzedMs: number;
      readonly error?: string;
      /** Why the frames were decoded as they were. */
      readonly decoding: string;
      readonly backend: string;
      readonly model: string;
    } & Pick<VideoAnalysis, 'ending' | 'frames' | 'durationMs' | 'elapsedMs'>)
  /** Not one frame was read. */
  | { readonly type: 'failed'; readonly message: string };

export type Progress = Extract<Report, { type: 'progress' }>;
export type Done = Extract<Report, { type: 'done' }>;
