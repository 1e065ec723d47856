import { existsSync, statSync } from 'node:fs';
import { dirname, extname, basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CliError, EXIT } from './cli-error.js';
import { FORMATS, type Format } from './job.js';

export const HELP = `Usage: emotion-cam analyze <video...> --csv <file> [options]

Recognises the facial expressions in recorded videos, on this machine, in a headless Chrome or Chromium.
Nothing is sent anywhere.

Outputs, at least one; {name} stands for the video's name without its ending, {dir} for its folder:
  --csv <file>         a table with a row for each face of each frame
  --json <file>        the same with everything, for programs
  --vtt <file>         subtitles (WebVTT) that name the expressions
  --force              writes over files that exist

Options:
  --fps <number>       frames a second that are read; default: every frame
  --model <name>       full, lite (five times as fast without a graphics card, less accurate), auto
                       (lite without WebGPU, else full), or a folder with a model; default: full
  --max-faces <number> faces of a frame that are read, the largest first; default: 1
  --backend <name>     auto, webgpu, wasm or cpu; default: auto
  --chromium <path>    the browser; default: CHROME_PATH, or what is found in the usual places
  --no-sandbox         for containers in which Chromium cannot make a sandbox
  --quiet              no progress and no summary
  --help, --version

Ctrl-C ends the analysis and writes what was computed until then; once more, and nothing is written.

Exit codes: 0 done; 1 a video could not be read, or not to its end; 2 the command line is wrong, a video
is missing or an output exists; 3 no Chromium; 130 or 143 interrupted.`;

/** A video and where its outputs go. */
export interface Task {
  readonly video: string;
  readonly outputs: Readonly<Partial<Record<Format, string>>>;
}

/** What the person at the terminal wants. */
export interface AnalyzeCommand {
  readonly tasks: readonly Task[];
  readonly fps: number | undefined;
  /** Of the package, by name; or that of `modelFolder`. */
  readonly model: string | undefined;
  readonly modelFolder: string | undefined;
  readonly maxFaces: number;
  readonly backend: Backend;
  readonly chromium: string | undefined;
  readonly isSandboxed: boolean;
  readonly isQuiet: boolean;
}

const BACKENDS = ['auto', 'webgpu', 'wasm', 'cpu'] as const;
type Backend = (typeof BACKENDS)[number];
const MODELS: readonly string[] = ['full', 'lite', 'auto'];

const OPTIONS = {
  csv: { type: 'string' },
  json: { type: 'string' },
  vtt: { type: 'string' },
  force: { type: 'boolean' },
  fps: { type: 'string' },
  model: { type: 'string' },
  'max-faces': { type: 'string' },
  backend: { type: 'string' },
  chromium: { type: 'string' },
  'no-sandbox': { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

/**
 * Reads the command line and looks whether the files are there.
 *
 * @param args - those after the program's name
 * @throws {CliError} `usage`
 */
export function readCommandLine(
  args: readonly string[],
): AnalyzeCommand | { readonly show: 'help' | 'version' } {
  const { values, positionals } = parsed(args);
  if (values.help === true) return { show: 'help' };
  if (values.version === true) return { show: 'version' };
  const [command, ...videos] = positionals;
  if (command === undefined) return { show: 'help' };
  if (command !== 'analyze') throw usage(`There is no command ${command}; there is analyze`);
  if (videos.length === 0) throw usage('No video is named');
  const patterns = FORMATS.flatMap((format) => {
    const pattern = values[format];
    return pattern === undefined ? [] : [[format, pattern] as const];
  });
  if (patterns.length === 0) throw usage('Say where the result goes: --csv, --json or --vtt');
  const tasks = videos.map((video) => toTask(video, patterns));
  checkOutputs(tasks, values.force === true);
  const model = values.model;
  const isNamed = model === undefined || MODELS.includes(model);
  if (!isNamed && !existsSync(join(model, 'manifest.json'))) {
    throw usage(
      `--model is ${model}, expected ${MODELS.join(', ')} or a folder with a manifest.json`,
    );
  }
  const maxFaces = values['max-faces'] === undefined ? 1 : Number(values['max-faces']);
  if (!Number.isSafeInteger(maxFaces) || maxFaces < 1) {
    throw usage(`--max-faces is ${values['max-faces']}, expected 1, 2, 3, …`);
  }
  return {
    tasks,
    fps: toRate(values.fps),
    model: isNamed ? model : undefined,
    modelFolder: isNamed ? undefined : resolve(model),
    maxFaces,
    backend: toBackend(values.backend),
    chromium: values.chromium,
    isSandboxed: values['no-sandbox'] !== true,
    isQuiet: values.quiet === true,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function usage(message: string, cause?: unknown): CliError {
  const text = `${message.replace(/\.$/, '')}. See emotion-cam --help.`;
  return new CliError(EXIT.usage, text, { cause });
}

function toRate(fps: string | undefined): number | undefined {
  if (fps === undefined) return undefined;
  const rate = Number(fps);
  if (Number.isFinite(rate) && rate > 0) return rate;
  throw usage(`--fps is ${fps}, expected a number above 0`);
}

function toBackend(name = 'auto'): Backend {
  const backend = BACKENDS.find((one) => one === name);
  if (backend) return backend;
  throw usage(`--backend is ${name}, expected ${BACKENDS.join(', ')}`);
}

function toTask(video: string, patterns: readonly (readonly [Format, string])[]): Task {
  if (!existsSync(video)) throw usage(`There is no file ${video}`);
  if (!statSync(video).isFile()) throw usage(`${video} is no file`);
  const path = resolve(video);
  const name = basename(path, extname(path));
  const outputs = patterns.map(([format, pattern]) => [
    format,
    resolve(pattern.replaceAll('{name}', name).replaceAll('{dir}', dirname(path))),
  ]);
  return { video: path, outputs: Object.fromEntries(outputs) as Task['outputs'] };
}

function checkOutputs(tasks: readonly Task[], isForced: boolean): void {
  const taken = new Set(tasks.map(({ video }) => video));
  for (const path of tasks.flatMap(({ outputs }) => Object.values(outputs))) {
    if (taken.has(path)) {
      throw usage(`Two files would be ${path}; put {name} into the names of the outputs`);
    }
    taken.add(path);
    if (!existsSync(dirname(path))) throw usage(`There is no folder ${dirname(path)}`);
    if (!isForced && existsSync(path)) throw usage(`${path} exists; --force writes over it`);
  }
}
