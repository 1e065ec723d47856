import type uPlot from 'uplot';
import { createLegend, type Legend } from './legend.js';

/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** Custom property of the style sheet; it may differ in light and dark. */
  readonly colour: `--${string}`;
  /** Lengths of dashes and gaps, pixels, so that colour is not all that tells lines apart. Default: solid */
  readonly dash?: readonly number[];
}

export interface ChartOptions {
  readonly lines: readonly Line[];
  /** Says to a screen reader what it shows. */
  readonly label: string;
  /** Of the y axis. Default: as high as what is shown. */
  readonly max?: number;
  readonly formatValue: (value: number) => string;
  /** Shows so many seconds up to now and forgets what is older. Default: everything. */
  readonly windowSeconds?: number;
  /** A point in time was clicked on. */
  readonly onPick?: (seconds: number) => void;
}

const HEIGHT = 170;
/** Between two drawings: of a chart that moves, where a person wants little motion, and of one that only grows. */
const SLOW_MS = { reducedMotion: 1000, growing: 250 } as const;
const GRID = 'rgb(128 128 128 / 0.22)';

/**
 * Lines over time, with a legend that shows the values under the pointer. It grows as values are
 * appended. Needs `chart.css` in the page and fetches uPlot when the first is made.
 */
export class Chart {
  readonly #plot: uPlot;
  readonly #legend: Legend;
  readonly #options: ChartOptions;
  /** Seconds, then the values of each line; null: a gap. */
  #data: [number[], ...(number | null)[][]];
  /** What is shown at least, without a window. */
  #endSeconds = 0;
  #drawnAtMs = 0;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #disposal: AbortController = new AbortController();

  /** @param host - an empty element, as wide as the chart is to be */
  static async create(host: HTMLElement, options: ChartOptions): Promise<Chart> {
    const { default: Plot } = await import('uplot');
    return new Chart(Plot, host, options);
  }

  private constructor(Plot: typeof uPlot, host: HTMLElement, options: ChartOptions) {
    this.#options = options;
    this.#data = this.#empty();
    const picture = document.createElement('div');
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', options.label);
    this.#legend = createLegend(options.lines, options.formatValue);
    host.classList.add('chart');
    host.replaceChildren(picture, this.#legend.element);
    this.#plot = new Plot(this.#plotOptions(host), this.#data, picture);

    const resizing = new ResizeObserver(() => {
      this.#plot.setSize({ width: host.clientWidth, height: HEIGHT });
    });
    resizing.observe(host);
    const { signal } = this.#disposal;
    this.#plot.over.addEventListener('click', ({ offsetX }) => {
      options.onPick?.(Math.max(0, this.#plot.posToVal(offsetX, 'x')));
    });
    const redraw = () => {
      this.#plot.redraw();
    };
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(query).addEventListener('change', redraw, { signal });
    }
    signal.addEventListener('abort', () => {
      resizing.disconnect();
      this.#cancelDrawing();
      this.#plot.destroy();
      host.replaceChildren();
    });
  }

  /**
   * @param seconds - later than those before
   * @param values - one for each line; none: a gap
   */
  append(seconds: number, values?: readonly number[]): void {
    const [times, ...lines] = this.#data;
    times.push(seconds);
    lines.forEach((line, index) => line.push(values?.[index] ?? null));
    this.#forget(seconds - (this.#options.windowSeconds ?? Infinity));
    this.#drawSoon();
  }

  /** Shows the values of a time, as if the pointer were there. */
  point(seconds: number): void {
    this.#plot.setCursor({ left: this.#plot.valToPos(seconds, 'x'), top: 0 });
  }

  /** Shows the time up to then from the start on, also before there are values for it. */
  extendTo(seconds: number): void {
    this.#endSeconds = seconds;
  }

  clear(): void {
    this.#endSeconds = 0;
    this.#data = this.#empty();
    this.#drawSoon();
  }

  dispose(): void {
    this.#disposal.abort();
  }

  #empty(): [number[], ...(number | null)[][]] {
    return [[], ...this.#options.lines.map(() => [])];
  }

  /** A tenth of them at a time: moving all values up costs more than keeping a few. */
  #forget(before: number): void {
    const [times, ...lines] = this.#data;
    const old = times.findIndex((time) => time >= before) - 1; // one more, whose line leads in from the left
    if (old < times.length / 10) return;
    for (const values of [times, ...lines]) values.splice(0, old);
  }

  /** In the next picture of the screen, or later where that would be too often. */
  #drawSoon(): void {
    if (this.#frame || this.#timer) return;
    const isMoving = this.#options.windowSeconds !== undefined;
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const restMs = !isMoving ? SLOW_MS.growing : isCalm ? SLOW_MS.reducedMotion : 0;
    const waitMs = this.#drawnAtMs + restMs - performance.now();
    const request = () => {
      this.#timer = undefined;
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#drawnAtMs = performance.now();
        this.#plot.setData(this.#data);
      });
    };
    if (waitMs > 0) this.#timer = setTimeout(request, waitMs);
    else request();
  }

  #cancelDrawing(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }

  #plotOptions(host: HTMLElement): uPlot.Options {
    const { lines, max, formatValue, windowSeconds } = this.#options;
    const muted = () => getComputedStyle(host).color;
    const axis = {
      stroke: muted,
      font: `12px ${getComputedStyle(host).fontFamily}`,
      grid: { stroke: GRID, width: 1 },
      ticks: { show: false },
    };
    const last = () => this.#data[0].at(-1) ?? windowSeconds ?? 0;
    return {
      width: host.clientWidth,
      height: HEIGHT,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: {
        drag: { x: false, y: false },
        points: { show: false },
        y: false,
      },
      hooks: {
        setCursor: [
          ({ cursor: { idx } }) => {
            const values = this.#data.slice(1).map((line) => line[idx ?? -1] ?? undefined);
            this.#legend.show(values);
          },
        ],
      },
      scales: {
        x: {
          time: false,
          range: () =>
            windowSeconds === undefined
              ? [0, Math.max(this.#endSeconds, last())]
              : [last() - windowSeconds, last()],
        },
        y: { range: (_plot, _low, high) => [0, max ?? Math.max(1, high * 1.1)] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          gap: 4,
          ...(windowSeconds === undefined
            ? { values: (_plot, splits) => splits.map(clock) }
            : {
                splits: () => [0, 1, 2, 3].map((third) => last() - (windowSeconds * third) / 3),
                values: (_plot, splits) => splits.map((at) => secondsAgo(last() - at)),
              }),
        },
        { ...axis, size: 50, gap: 6, values: (_plot, splits) => splits.map(formatValue) },
      ],
      series: [
        {},
        ...lines.map(({ name, dash }, index) => ({
          label: name,
          stroke: () => this.#legend.colourOf(index),
          width: 1.75,
          points: { show: false },
          ...(dash && { dash: [...dash] }),
        })),
      ],
    };
  }
}

function secondsAgo(seconds: number): string {
  return seconds < 0.5 ? 'now' : `−${Math.round(seconds)} s`;
}

/** @param seconds - as minutes and seconds */
function clock(seconds: number): string {
  const rest = (seconds % 60).toFixed(Number.isInteger(seconds) ? 0 : 1);
  return `${Math.floor(seconds / 60)}:${rest.padStart(rest.includes('.') ? 4 : 2, '0')}`;
}
