import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunPredictions } from '../../src/results.js';
import { writePatternSet } from './tiny-run.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Jobs long enough to be killed in the middle: 30 steps, a checkpoint every 3. */
const TINY = {
  batchSize: 9,
  network: { width: 4, latentFeatures: 2, latentWidth: 8 },
  stages: [{ imageSize: 32, epochs: 10, learningRate: 0.02, schedule: { kind: 'one-cycle' } }],
};

/** Writes a data set and an experiment on it. */
export async function writeTinyExperiment(folder: string): Promise<void> {
  await writePatternSet(folder, 12);
  await writeFile(join(folder, 'tiny.json'), JSON.stringify(TINY));
}

/** Options of the tiny experiment for cross-validate and ablate. */
export function tinyOptions(folder: string): string[] {
  const data = ['--dataset', 'raf-db', '--root', folder];
  return [...data, '--experiment', join(folder, 'tiny.json'), '--folds', '3', '--backend', 'wasm'];
}

/** The trainer's command line in a process of its own. */
export class Trainer {
  readonly process: ChildProcess;
  #output = '';
  readonly #watchers = new Set<() => void>();
  readonly #exit: Promise<unknown>;

  constructor(cwd: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.process = spawn(process.execPath, [CLI, ...words], {
      cwd,
      env: { ...process.env, ...env },
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        for (const watcher of this.#watchers) watcher();
      });
    }
    this.#exit = once(this.process, 'close');
  }

  get output(): string {
    return this.#output;
  }

  /** Waits for a text in the output. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const found = await Promise.race([
      new Promise<RegExpExecArray>((resolve) => {
        const look = (): void => {
          const match = pattern.exec(this.#output);
          if (match) resolve(match);
        };
        this.#watchers.add(look);
        look();
      }),
      this.#exit,
    ]);
    const match = pattern.exec(this.#output);
    if (!found || !match) throw new Error(`Ended without ${pattern}:\n${this.#output}`);
    return match;
  }

  /** @returns the exit code; null: killed */
  async end(): Promise<number | null> {
    await this.#exit;
    return this.process.exitCode;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.process.kill(signal);
    await this.#exit;
  }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** An experiment's results without what tells when and how they were made. */
export async function resultsOf(
  folder: string,
): Promise<{ metrics: unknown; predictions: RunPredictions }> {
  const metrics = (await readJson(join(folder, 'metrics.json'))) as Record<string, unknown>;
  const { name, provenance, ...numbers } = metrics;
  if (!name || !provenance) throw new Error('The results lack their name or their provenance.');
  const predictions = (await readJson(join(folder, 'predictions.json'))) as RunPredictions;
  return { metrics: numbers, predictions };
}
