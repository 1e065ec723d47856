#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { analyzeFile } from './analyze-file.js';
import { findChromium } from './chromium.js';
import { CliError, EXIT } from './cli-error.js';
import { HELP, readCommandLine, type AnalyzeCommand, type Task } from './command-line.js';
import type { Done } from './job.js';
import { ProgressLine, summary } from './progress-line.js';

/** @returns the exit code */
async function main(): Promise<number> {
  const command = readCommandLine(process.argv.slice(2));
  if ('show' in command) {
    process.stdout.write(`${command.show === 'help' ? HELP : version()}\n`);
    return EXIT.done;
  }
  const executable = await findChromium(command.chromium);
  const { signal, exitCode } = interruption();
  let isWhole = true;
  for (const task of command.tasks) {
    const line = new ProgressLine(basename(task.video));
    try {
      isWhole = (await analyze(task, command, executable, signal, line)) && isWhole;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      if (signal.aborted) line.end('Interrupted before anything was read; nothing was written.');
      else line.end(error.message);
      isWhole = false;
    }
    if (signal.aborted) return exitCode();
  }
  return isWhole ? EXIT.done : EXIT.failed;
}

/** @returns whether the video was read to its end */
async function analyze(
  { video, outputs }: Task,
  command: AnalyzeCommand,
  executable: string,
  signal: AbortSignal,
  line: ProgressLine,
): Promise<boolean> {
  const { fps, model, modelFolder, maxFaces, backend, isSandboxed, isQuiet } = command;
  const recognizer = {
    ...{ maxFaces, backend },
    ...(model !== undefined && { model }),
    ...(modelFolder !== undefined && { model: './model/' }),
  };
  const done = await analyzeFile({
    ...{ video, outputs, modelFolder, executable, isSandboxed, signal },
    settings: { fps, recognizer },
    onProgress: (progress) => {
      if (!isQuiet) line.show(progress);
    },
  });
  const isWhole = done.ending === 'complete';
  if (isQuiet && isWhole) return true;
  const written = Object.values(outputs).map((path) => relative('.', path) || path);
  line.end(`${stopped(done)}${summary(done)} → ${written.join(', ')}`);
  return isWhole;
}

function stopped({ ending, error }: Done): string {
  if (ending === 'complete') return '';
  return ending === 'cancelled' ? 'interrupted; so far ' : `${error ?? ''} Until there `;
}

/** The first Ctrl-C asks for an end, the second one is one. */
function interruption(): { readonly signal: AbortSignal; readonly exitCode: () => number } {
  const controller = new AbortController();
  let code: number = EXIT.interrupted;
  const handle = (received: number) => (): void => {
    code = received;
    if (controller.signal.aborted) process.exit(code);
    controller.abort();
  };
  process.on('SIGINT', handle(EXIT.interrupted)).on('SIGTERM', handle(EXIT.terminated));
  return { signal: controller.signal, exitCode: () => code };
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isExpected = error instanceof CliError;
  process.stderr.write(
    isExpected ? `${error.message}\n` : `${(error as Error).stack ?? String(error)}\n`,
  );
  process.exitCode = isExpected ? error.exitCode : EXIT.failed;
}
