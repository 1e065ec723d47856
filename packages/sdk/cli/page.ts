/** Runs in Chromium: analyses the video that `emotion-cam analyze` serves and posts what comes out. */
import type * as Sdk from '../src/index.js';
import type { Format, Job, Report } from './job.js';

const PROGRESS_INTERVAL_MS = 200;
const ALIVE_INTERVAL_MS = 5000;

/** The bundle needs no bundler; its types are those of the package. */
const bundle = new URL('../emotion-cam.bundle.js', import.meta.url).href;

const WRITERS: Readonly<Record<Format, (recording: Sdk.Recording) => string>> = {
  csv: (recording) => recording.toCsv(),
  json: (recording) => JSON.stringify(recording),
  vtt: (recording) => recording.toVtt(),
};

function post(path: string, body: Blob | string): Promise<Response> {
  return fetch(path, { method: 'POST', body });
}

function report(message: Report): Promise<Response> {
  return post('report', JSON.stringify(message));
}

async function analyze(): Promise<Report> {
  const { analyzeVideo } = (await import(bundle)) as typeof Sdk;
  const job = (await (await fetch('job')).json()) as Job;
  const cancelled = new AbortController();
  new EventSource('control').addEventListener('cancel', () => {
    cancelled.abort(new Error('cancelled'));
  });
  let reportedMs = -Infinity;
  const { recording, decoding, backend, error, ...rest } = await analyzeVideo('video', {
    ...(job.fps !== undefined && { fps: job.fps }),
    recognizer: job.recognizer,
    signal: cancelled.signal,
    onProgress: ({ timeMs, durationMs, fraction, speed, remainingMs }) => {
      const now = performance.now();
      if (now - reportedMs < PROGRESS_INTERVAL_MS) return;
      reportedMs = now;
      void report({ type: 'progress', timeMs, durationMs, fraction, speed, remainingMs });
    },
  });
  for (const format of job.formats) {
    const { ok } = await post(`output/${format}`, new Blob([WRITERS[format](recording)]));
    if (!ok) throw new Error(`the ${format} file could not be written`);
  }
  const { ending, frames, durationMs, elapsedMs } = rest;
  const { frames: recorded, model } = recording.toJSON();
  const ids = new Set(recorded.flatMap(({ faces }) => faces.map(({ id }) => id)));
  return {
    ...{ type: 'done', ending, frames, durationMs, elapsedMs },
    ...{ faces: ids.size, analyzedMs: recorded.at(-1)?.timeMs ?? 0 },
    ...{ decoding: decoding.reason, backend: backend.name, model },
    ...(error && { error: error.message }),
  };
}

const heartbeat = setInterval(() => void report({ type: 'alive' }), ALIVE_INTERVAL_MS);
try {
  await report(await analyze());
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await report({ type: 'failed', message });
} finally {
  clearInterval(heartbeat);
}
