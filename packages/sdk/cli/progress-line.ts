import type { Done, Progress } from './job.js';

/** Where there is no terminal, a line each time so much more is done. */
const STEP = 0.1;

/** Tells on stderr how far a video is: on a terminal in one line that changes. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #name: string;
  #shown = 0;

  constructor(name: string, stream: NodeJS.WriteStream = process.stderr) {
    this.#name = name;
    this.#stream = stream;
  }

  show(progress: Progress): void {
    const line = `${this.#name}: ${progressText(progress)}`;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r${line.slice(0, this.#stream.columns - 1)}\x1b[K`);
    } else if (progress.fraction >= this.#shown + STEP) {
      this.#shown = Math.floor(progress.fraction / STEP) * STEP;
      this.#stream.write(`${line}\n`);
    }
  }

  /** @param text - takes the place of the progress */
  end(text: string): void {
    this.#stream.write(`${this.#stream.isTTY ? '\r\x1b[K' : ''}${this.#name}: ${text}\n`);
  }
}

/** As in `43 %, 0:23 left, 0:43 of 1:40, 2.5 times real time`: narrow terminals cut it off at the end. */
export function progressText(progress: Progress): string {
  const { fraction, timeMs, durationMs, speed, remainingMs } = progress;
  const isMoving = speed > 0;
  return [
    `${Math.floor(fraction * 100)} %`,
    ...(isMoving ? [`${clock(remainingMs)} left`] : []),
    `${clock(timeMs)} of ${clock(durationMs)}`,
    ...(isMoving ? [`${times(speed)} real time`] : []),
  ].join(', ');
}

/** What came out, and how fast. */
export function summary(done: Done): string {
  const { frames, faces, elapsedMs, analyzedMs, model, backend, decoding } = done;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const speed = times(analyzedMs / Math.max(1, elapsedMs));
  const what = `${frames} frames, ${faces === 1 ? '1 face' : `${faces} faces`}`;
  const how = `${seconds(analyzedMs)} of video in ${seconds(elapsedMs)}, ${speed} real time`;
  return `${what}; ${how} (${model} on ${backend}). ${decoding}`;
}

function times(speed: number): string {
  return `${speed.toFixed(speed < 10 ? 1 : 0)} times`;
}

/** As in 1:02:03 or 2:03. */
function clock(ms: number): string {
  const whole = Math.round(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
