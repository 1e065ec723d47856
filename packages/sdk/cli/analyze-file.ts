import { renameSync, rmSync } from 'node:fs';
import { openInChromium } from './chromium.js';
import { CliError, EXIT } from './cli-error.js';
import { FORMATS, type Done, type Format, type Job, type Progress } from './job.js';
import { serveJob } from './job-server.js';

/** The page says at least every 5 seconds that it lives. */
const SILENCE_MS = 60_000;
/** From the wish to cancel until the page has handed over what it has. */
const CANCEL_MS = 15_000;

export interface FileAnalysis {
  readonly video: string;
  readonly outputs: Readonly<Partial<Record<Format, string>>>;
  readonly settings: Omit<Job, 'formats'>;
  readonly modelFolder: string | undefined;
  readonly executable: string;
  readonly isSandboxed: boolean;
  readonly onProgress: (progress: Progress) => void;
  /** Ends the analysis; what was computed until then is written. */
  readonly signal: AbortSignal;
}

/**
 * Analyses one video in a Chromium of its own and writes the outputs, each whole or not at all.
 *
 * @throws {CliError} nothing was written
 */
export async function analyzeFile(analysis: FileAnalysis): Promise<Done> {
  const { video, outputs, settings, modelFolder, executable, isSandboxed, signal } = analysis;
  const formats = FORMATS.filter((format) => outputs[format] !== undefined);
  const partial = Object.fromEntries(formats.map((one) => [one, `${outputs[one]!}.partial`]));
  const ended = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  try {
    const done = await new Promise<Done>((resolve, reject) => {
      const silence = setTimeout(() => {
        const seconds = SILENCE_MS / 1000;
        reject(new CliError(EXIT.failed, `Chromium has said nothing for ${seconds} seconds.`));
      }, SILENCE_MS);
      timers.add(silence);
      const job: Job = { ...settings, formats };
      const serving = serveJob({
        ...{ job, video, modelFolder, outputs: partial },
        onReport: (report) => {
          silence.refresh();
          if (report.type === 'progress') analysis.onProgress(report);
          else if (report.type === 'done') resolve(report);
          else if (report.type === 'failed') reject(new CliError(EXIT.failed, report.message));
        },
      });
      const started = serving.then(({ url, cancel, close }) => {
        ended.signal.addEventListener('abort', close);
        const usesWebGpu = settings.recognizer.backend === 'webgpu';
        const chromium = { executable, url, usesWebGpu, isSandboxed, onEnd: reject };
        ended.signal.addEventListener('abort', openInChromium(chromium));
        const handleCancel = (): void => {
          cancel();
          const late = (): void =>
            reject(new CliError(EXIT.interrupted, 'Chromium did not hand over what it had.'));
          timers.add(setTimeout(late, CANCEL_MS));
        };
        signal.addEventListener('abort', handleCancel, { signal: ended.signal });
        if (signal.aborted) handleCancel();
      });
      started.catch(reject);
    });
    for (const format of formats) renameSync(partial[format]!, outputs[format]!);
    return done;
  } finally {
    ended.abort();
    for (const timer of timers) clearTimeout(timer);
    for (const path of Object.values(partial)) rmSync(path, { force: true });
  }
}
