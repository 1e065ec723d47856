import { EmotionCamError } from './errors.js';
import type { Pipeline, PipelineHooks, PipelineSettings } from './pipeline.js';
import { WorkerImpossible, WorkerPipeline } from './worker/worker-pipeline.js';

/** Which thread detector and network run in. */
export type ThreadName = 'worker' | 'main';

/** Which thread detector and network run in, and why there. */
export interface Thread {
  /** Which one. */
  readonly name: ThreadName;
  /** A sentence for people. */
  readonly reason: string;
}

const ASKED_FOR = "The page's own thread was asked for.";

function reasonOfWorker(): string {
  const transport =
    typeof VideoFrame === 'undefined'
      ? 'Frames go over as ImageBitmap, which takes longer: the browser has no VideoFrame.'
      : 'Frames go over as VideoFrame, without a copy.';
  return `A worker: the page stays responsive. ${transport}`;
}

/**
 * What may work in the page's thread all the same: browsers give workers less. A file that is not
 * there is not there for the page either.
 */
function mayWorkInPage(error: unknown): error is Error {
  if (!(error instanceof EmotionCamError)) return error instanceof Error;
  return ['backend-unavailable', 'face-model-failed'].includes(error.code);
}

/**
 * Makes a pipeline in the thread that was asked for; `'auto'` takes a worker where one can do it.
 *
 * @throws {EmotionCamError} `worker-unavailable`, and as {@link FacePipeline.create} does
 * @throws the signal's reason, if it is aborted
 */
export async function createPipeline(
  wanted: 'auto' | ThreadName,
  settings: PipelineSettings,
  hooks: PipelineHooks,
): Promise<{ pipeline: Pipeline; thread: Thread }> {
  let reason = ASKED_FOR;
  if (wanted !== 'main') {
    try {
      const pipeline = await WorkerPipeline.create(settings, hooks);
      return { pipeline, thread: { name: 'worker', reason: reasonOfWorker() } };
    } catch (error) {
      hooks.signal?.throwIfAborted();
      if (wanted === 'worker') {
        if (error instanceof WorkerImpossible) throw workerUnavailable(error);
        throw error;
      }
      if (!mayWorkInPage(error)) throw error;
      reason = `The page's own thread, because a worker cannot do it here: ${error.message}`;
    }
  }
  // Loaded only here: a page whose recognizer works in a worker fetches no TensorFlow.js.
  const { FacePipeline } = await import('./face-pipeline.js');
  const pipeline = await FacePipeline.create(settings, hooks);
  return { pipeline, thread: { name: 'main', reason } };
}

function workerUnavailable(cause: WorkerImpossible): EmotionCamError {
  return new EmotionCamError(
    'worker-unavailable',
    `${cause.message} Use the thread "auto", which takes the page's own where no worker can do it.`,
    { cause },
  );
}
