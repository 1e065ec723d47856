import { EMOTIONS, type Emotion, type Scores } from 'emotion-cam';
import { Chart, type ChartOptions, type Line } from './chart.js';

const DASHES: Partial<Record<Emotion, readonly number[]>> = {
  neutral: [2, 3],
  surprise: [9, 3],
  disgust: [9, 3, 2, 3],
  fear: [5, 4],
};

const LINES: readonly Line[] = EMOTIONS.map((emotion) => ({
  name: emotion.charAt(0).toUpperCase() + emotion.slice(1),
  colour: `--${emotion}`,
  ...(DASHES[emotion] && { dash: DASHES[emotion] }),
}));

/** The scores of one face over time, a line for each expression. */
export class Timeline {
  readonly #chart: Chart;

  /**
   * @param host - an empty element, as wide as the timeline is to be
   * @param options.windowSeconds - moves on and shows so many seconds; default: grows and shows all
   * @param options.onPick - a point in time was clicked on
   */
  static async create(
    host: HTMLElement,
    options: Pick<ChartOptions, 'label' | 'windowSeconds' | 'onPick'>,
  ): Promise<Timeline> {
    const chart = await Chart.create(host, {
      ...options,
      lines: LINES,
      max: 1,
      formatValue: (score) => `${Math.round(score * 100)}%`,
    });
    return new Timeline(chart);
  }

  private constructor(chart: Chart) {
    this.#chart = chart;
  }

  /**
   * @param seconds - later than those before
   * @param scores - none: no face was seen then
   */
  append(seconds: number, scores?: Scores): void {
    this.#chart.append(seconds, scores && EMOTIONS.map((emotion) => scores[emotion]));
  }

  /** Shows the scores of a time in the legend, and the time as a line. */
  point(seconds: number): void {
    this.#chart.point(seconds);
  }

  /** Shows the time up to then, also before there are scores for it. */
  extendTo(seconds: number): void {
    this.#chart.extendTo(seconds);
  }

  clear(): void {
    this.#chart.clear();
  }

  dispose(): void {
    this.#chart.dispose();
  }
}
