import type { EmotionCam, RecognitionResult } from 'emotion-cam';
import { Chart, type Line } from './chart.js';
import { pageElement } from './page-element.js';

type Timings = RecognitionResult['timings'];

const WINDOW_SECONDS = 30;

/** What a frame's time is made of. */
const STAGES: readonly (Line & { readonly of: (timings: Timings) => number })[] = [
  { name: 'Whole frame', colour: '--text', of: ({ totalMs }) => totalMs },
  {
    name: 'Crop and network', // a graphics card does both while its numbers are waited for
    colour: '--sadness',
    dash: [9, 3],
    of: ({ cropMs, networkMs, readbackMs }) => cropMs + networkMs + readbackMs,
  },
  { name: 'Face detector', colour: '--happiness', dash: [5, 4], of: ({ detectMs }) => detectMs },
];

/** Says how fast it goes: the back end, the newest frame, and on demand a graph of the stages. */
export class Speed {
  readonly #frameTime = pageElement('#frame-time', HTMLElement);
  readonly #frameRate = pageElement('#frame-rate', HTMLElement);
  #chart: Chart | undefined;

  constructor(cam: EmotionCam) {
    const backEnd = pageElement('#backend', HTMLElement);
    const reason = pageElement('#reason', HTMLElement);
    cam.addEventListener('ready', ({ backend }) => {
      const { name, threads = 1 } = backend;
      backEnd.textContent = threads > 1 ? `${name}, ${threads} threads` : name;
      reason.textContent = backend.reason;
    });
    cam.addEventListener('emotion', ({ result }) => {
      this.#show(result, cam.stats?.fps ?? 0);
    });
    cam.addEventListener('face-lost', ({ timestampMs }) => {
      this.clear();
      this.#chart?.append(timestampMs / 1000);
    });
    cam.addEventListener('error', () => {
      this.clear();
    });

    const details = pageElement('#frame-times', HTMLDetailsElement);
    const host = pageElement('#frame-times > div', HTMLElement);
    details.addEventListener('toggle', () => void this.#draw(host), { once: true });
  }

  /** No face is being read: the last times say nothing any more. */
  clear(): void {
    this.#frameTime.textContent = '–';
    this.#frameRate.textContent = '–';
  }

  #show({ timings, timestampMs }: RecognitionResult, fps: number): void {
    this.#frameTime.textContent = milliseconds(timings.totalMs);
    this.#frameRate.textContent = fps > 0 ? fps.toFixed(1) : '–';
    this.#chart?.append(
      timestampMs / 1000,
      STAGES.map(({ of }) => of(timings)),
    );
  }

  async #draw(host: HTMLElement): Promise<void> {
    this.#chart = await Chart.create(host, {
      label: 'Milliseconds that a frame and its stages took, over the last 30 seconds',
      lines: STAGES,
      formatValue: milliseconds,
      windowSeconds: WINDOW_SECONDS,
    });
  }
}

function milliseconds(value: number): string {
  return `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} ms`;
}
