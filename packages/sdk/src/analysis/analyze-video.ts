import type { Backend } from '../backend.js';
import { checkOption, checkOptions, checkSignal } from '../check-option.js';
import { EmotionCamError } from '../errors.js';
import type { RecognitionResult } from '../reading.js';
import { EmotionRecognizer } from '../recognizer.js';
import type { RecognizerOptions } from '../recognizer-options.js';
import { Recording } from '../recording.js';
import { progressAt, type AnalysisProgress } from './analysis-progress.js';
import type { DecodedFrame, FrameSource, VideoDecoding } from './decoded-frame.js';
import { openFrames } from './frame-source.js';
import { videoInput, type RecordedVideo } from './video-input.js';

/** How a recorded video is analysed. Everything is optional. */
export interface AnalysisOptions {
  /**
   * How many frames a second are read: those shown in the middle of each 1/fps second, each with its
   * own time. Default: every frame; 30 a second where the video must be sought through.
   */
  readonly fps?: number | undefined;
  /**
   * As for `EmotionRecognizer.create`. Faces are looked for in every frame unless
   * `detectionIntervalMs` says otherwise, the model is the large one by default, and `model: 'auto'`
   * is not changed on the way.
   */
  readonly recognizer?: Omit<RecognizerOptions, 'mode' | 'frameBudgetMs' | 'signal'> | undefined;
  /** Called after each frame. */
  readonly onProgress?: ((progress: AnalysisProgress) => void) | undefined;
  /** Ends the analysis. What was computed until then is the result. */
  readonly signal?: AbortSignal | undefined;
}

/** What was recognised in a recorded video. */
export interface VideoAnalysis {
  /** Of all frames; `timeMs` is their presentation time in the video. */
  readonly recording: Recording;
  /** `'cancelled'` by the signal, `'failed'` with `error`: the recording is that of the frames before. */
  readonly ending: 'complete' | 'cancelled' | 'failed';
  /** Why it failed. */
  readonly error?: EmotionCamError;
  /** How the video was decoded, and why that way. */
  readonly decoding: VideoDecoding;
  /** Where the network ran, and why there. */
  readonly backend: Backend;
  /** Frames that were read. */
  readonly frames: number;
  /** When the last frame ends, as far as the file says. */
  readonly durationMs: number;
  /** How long reading took, without loading the model. */
  readonly elapsedMs: number;
}

/** A frame that was dropped because the recognizer is being set up again is tried again so often. */
const RETRY_DELAY_MS = 250;

/**
 * Recognises the expressions in a recorded video, as fast as the machine can: every frame, or so many
 * a second, each once and with its exact presentation time; faces keep their ids. The same file gives
 * the same recording on the same machine and back end.
 *
 * @param video - a file, its address, or a `<video>` with one, which is not touched
 * @returns what was recognised, also where the signal was aborted or the video breaks off: see `ending`
 * @throws {EmotionCamError} before the first frame: `option-invalid`, `video-unreachable`,
 *   `video-empty`, `video-without-picture`, `video-unreadable`, and as `EmotionRecognizer.create` does
 * @throws the signal's reason, if it is aborted before the first frame
 */
export async function analyzeVideo(
  video: RecordedVideo,
  options: AnalysisOptions = {},
): Promise<VideoAnalysis> {
  checkOptions(options);
  const { fps, recognizer: recognizerOptions = {}, onProgress, signal } = options;
  const isRate = fps === undefined || (Number.isFinite(fps) && fps > 0);
  checkOption({ fps }, isRate, 'frames a second, above 0');
  const isListener = onProgress === undefined || typeof onProgress === 'function';
  checkOption({ onProgress }, isListener, 'a function');
  checkSignal(signal);
  signal?.throwIfAborted();

  const file = await videoInput(video, signal);
  const source = await openFrames(file, fps, signal);
  try {
    const recognizer = await EmotionRecognizer.create({
      detectionIntervalMs: 0,
      model: 'full', // nobody waits for a frame
      ...recognizerOptions,
      mode: 'video',
      frameBudgetMs: Number.MAX_VALUE, // half of a recording by another model would be worth nothing
      signal,
    });
    try {
      return await analyze(source, recognizer, { onProgress, signal });
    } finally {
      recognizer.dispose();
    }
  } finally {
    source.close();
  }
}

async function analyze(
  source: FrameSource,
  recognizer: EmotionRecognizer,
  { onProgress, signal }: Pick<AnalysisOptions, 'onProgress' | 'signal'>,
): Promise<VideoAnalysis> {
  let add!: (result: RecognitionResult) => void;
  const recording = new Recording(
    {
      model: recognizer.manifest.name,
      originMs: 0,
      subscribe: (handleResult) => {
        add = handleResult;
        return () => undefined;
      },
    },
    { maxReadings: Number.MAX_SAFE_INTEGER }, // a video has an end
  );
  const startedMs = performance.now();
  const durationMs = source.endMs;
  let frames = 0;
  const finished = (ending: VideoAnalysis['ending'], error?: EmotionCamError): VideoAnalysis => ({
    ...{ recording, ending, frames, durationMs },
    ...(error && { error }),
    ...{ decoding: source.decoding, backend: recognizer.backend },
    elapsedMs: performance.now() - startedMs,
  });

  const isCancelled = (): boolean => signal?.aborted === true;
  signal?.addEventListener('abort', source.close); // whoever waits for a frame waits no more
  try {
    while (!isCancelled()) {
      let result: RecognitionResult | undefined;
      try {
        const next = await source.frames.next();
        if (!next.done) result = await recognized(next.value, recognizer, signal);
      } catch (cause) {
        if (isCancelled()) break;
        const error = readable(cause, recording);
        if (frames === 0) throw error;
        return finished('failed', error);
      }
      if (!result) return finished('complete');
      add(result);
      frames += 1;
      onProgress?.(progressAt({ frames, durationMs, startedMs }, result, performance.now()));
    }
    if (frames === 0) signal?.throwIfAborted();
    return finished('cancelled');
  } finally {
    signal?.removeEventListener('abort', source.close);
  }
}

/** Reads a frame, once more if the recognizer broke and mended itself meanwhile. */
async function recognized(
  { frame, timestampMs, close }: DecodedFrame,
  recognizer: EmotionRecognizer,
  signal: AbortSignal | undefined,
): Promise<RecognitionResult> {
  try {
    for (;;) {
      try {
        return await recognizer.recognize(frame, timestampMs);
      } catch (error) {
        const isDropped = error instanceof EmotionCamError && error.code === 'frame-dropped';
        if (!isDropped || signal?.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      }
    }
  } finally {
    close();
  }
}

function readable(cause: unknown, { frames }: Recording): EmotionCamError {
  if (cause instanceof EmotionCamError) return cause;
  const at = ((frames.at(-1)?.timeMs ?? 0) / 1000).toFixed(2);
  return new EmotionCamError(
    'video-unreadable',
    `The video could not be decoded any further after ${at} s (${String(cause)}). The file is damaged there, or was changed meanwhile.`,
    { cause },
  );
}
