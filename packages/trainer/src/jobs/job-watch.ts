import { TrainerError } from '../errors.js';
import type { Reporter } from '../reporter.js';

/** How often a job is begun before its experiment does without it. */
export const MOST_ATTEMPTS = 3;

/**
 * Whether the same job may end otherwise if it is begun again: a process that crashed, not a loss that
 * diverged.
 */
export function isWorthRetrying(code: string): boolean {
  return ['job-crashed', 'storage-failed', 'output-failed', 'internal'].includes(code);
}

/** Jobs that are named one by one in a line of progress. */
const NAMED_JOBS = 3;

/**
 * What an experiment's person is shown while its jobs run, here or elsewhere, and what came of them.
 */
export class JobWatch {
  readonly #reporter: Reporter;
  /** 0..1 of each job that is not finished. */
  readonly #shares: Map<string, number>;
  readonly #total: number;
  readonly #failures = new Map<string, TrainerError>();
  readonly #began = Date.now();
  /** Jobs' worth of work that was done here: what a resumed job had before is not. */
  #workDone = 0;

  /** @param pending - names of the jobs that are to be done, of `total` */
  constructor(pending: readonly string[], total: number, reporter: Reporter) {
    this.#reporter = reporter;
    this.#shares = new Map(pending.map((name) => [name, 0]));
    this.#total = total;
  }

  /** A job is at this share of its work, 0..1. */
  share(name: string, share: number): void {
    const before = this.#shares.get(name);
    if (before === undefined) return;
    if (before > 0) this.#workDone += share - before;
    this.#shares.set(name, share);
    this.#show();
  }

  finished(name: string): void {
    this.#workDone += 1 - (this.#shares.get(name) ?? 1);
    this.#shares.delete(name);
    this.#reporter.line(`${name}: done (${this.#total - this.#shares.size} of ${this.#total})`);
    this.#show();
  }

  /** Something that a person should know: a job that is begun again, no machine that takes any. */
  note(text: string): void {
    this.#reporter.line(text);
  }

  failed(name: string, error: TrainerError): void {
    this.#failures.set(name, error);
    this.#reporter.line(`${name}: ${error.code}: ${error.message}`);
  }

  /** @throws {TrainerError} `job-failed` where a job did, with what to do about it */
  requireAll(): void {
    const names = [...this.#failures.keys()];
    const cause = this.#failures.get(names[0] ?? '');
    if (!cause) return;
    throw new TrainerError(
      'job-failed',
      `${names.length} of ${this.#total} jobs failed (${names.join(', ')}), so there is no table. ` +
        `The first: ${cause.code}: ${cause.message} The finished jobs keep their results: mend the ` +
        'cause and give the same command again, and only the others run.',
      { cause },
    );
  }

  #show(): void {
    const unfinished = [...this.#shares.values()].reduce((sum, share) => sum + 1 - share, 0);
    const running = [...this.#shares].filter(([, share]) => share > 0);
    const named = running
      .slice(0, NAMED_JOBS)
      .map(([name, share]) => `${name} ${Math.round(100 * share)} %`);
    if (running.length > NAMED_JOBS) named.push(`${running.length - NAMED_JOBS} more`);
    const seconds = (Date.now() - this.#began) / 1000;
    this.#reporter.progress('jobs', Number((this.#total - unfinished).toFixed(1)), this.#total, {
      running: named.join(', ') || 'none',
      left:
        this.#workDone > 0
          ? this.#reporter.duration((unfinished / this.#workDone) * seconds)
          : 'not known yet',
    });
  }
}
