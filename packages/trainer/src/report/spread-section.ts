import { percent } from '../percent.js';
import type { FoldResult, RowComparison, Spread } from '../results.js';
import { chart, figure, SERIES } from './chart.js';
import { meanAndDeviation, percentRange } from './figures.js';
import { dataTable, html, type Html } from './html.js';
import { signedPoints } from './reliability-section.js';

/** A group of runs whose spread is shown: the folds, or one row of an ablation. */
export interface SpreadGroup {
  readonly name: string;
  readonly accuracy: Spread;
}

/** Every run as a point, each group's mean as a line. */
export function spreadChart(groups: readonly SpreadGroup[], unit: string): Html {
  const points = groups.flatMap(({ accuracy }, row) =>
    accuracy.values.map((value) => [value, row] as const),
  );
  const alternative = `Accuracy of every ${unit}. ${groups
    .map(({ name, accuracy }) => `${name}: ${meanAndDeviation(accuracy)}`)
    .join('; ')}.`;
  return figure(
    chart({
      width: 720,
      height: 90 + 44 * groups.length,
      alternative,
      option: {
        grid: { left: 150, right: 24, top: 12, bottom: 48 },
        xAxis: {
          type: 'value',
          scale: true,
          name: 'accuracy',
          nameLocation: 'middle',
          nameGap: 28,
          axisLabel: { formatter: (value: number) => percent(value, 1) },
        },
        yAxis: {
          type: 'category',
          data: groups.map(({ name }) => name),
          inverse: true,
          axisLabel: { width: 136, overflow: 'truncate' },
        },
        series: [
          {
            type: 'scatter',
            symbolSize: 9,
            itemStyle: { color: SERIES[0], opacity: 0.6 },
            data: points.map((point) => [...point]),
          },
          {
            type: 'scatter',
            symbol: 'rect',
            symbolSize: [3, 26],
            itemStyle: { color: SERIES[1] },
            data: groups.map(({ accuracy }, row) => [accuracy.mean, row]),
          },
        ],
      },
    }),
    html`Accuracy of every ${unit} (points) and their mean (bar).`,
  );
}

/** Every fold or seed with its own figures. */
export function runsTable(caption: string, runs: readonly FoldResult[]): Html {
  return dataTable(
    caption,
    [
      { title: 'fold' },
      { title: 'seed', isNumber: true },
      { title: 'images', isNumber: true },
      { title: 'accuracy', isNumber: true },
      { title: 'mean class', isNumber: true },
      { title: 'macro F1', isNumber: true },
      { title: 'calibration error', isNumber: true },
      { title: 'chosen epoch', isNumber: true },
    ],
    runs.map(({ fold, seed, metrics, chosen }) => [
      fold + 1,
      seed,
      metrics.count,
      percent(metrics.accuracy, 2),
      percent(metrics.meanClassAccuracy, 2),
      metrics.macroF1.toFixed(4),
      percent(metrics.expectedCalibrationError, 2),
      `${chosen.epoch + 1} of stage ${chosen.stage + 1}`,
    ]),
  );
}

/** Whether rows differ by more than chance. */
export function comparisonsTable(comparisons: readonly RowComparison[]): Html {
  const points = (share: number): string => signedPoints(share, 2);
  return html`
    ${dataTable(
      'Two networks on the same images',
      [
        { title: 'first' },
        { title: 'second' },
        { title: 'difference', isNumber: true },
        { title: '95 % interval', isNumber: true },
        { title: 'only the first is right', isNumber: true },
        { title: 'only the second is right', isNumber: true },
        { title: 'p', isNumber: true },
      ],
      comparisons.map(({ rows, difference, interval, mcnemar }) => [
        rows[0],
        rows[1],
        `${points(difference)} points`,
        `${points(interval[0])} to ${points(interval[1])}`,
        mcnemar.onlyFirst,
        mcnemar.onlySecond,
        pValue(mcnemar.pValue),
      ]),
    )}
    <p>
      Difference: accuracy of the first minus that of the second. Interval: paired bootstrap over
      the images, or over groups that belong together. p: McNemar’s exact test, two-sided, not
      corrected for the ${comparisons.length} comparison(s) in this table.
    </p>
  `;
}

function pValue(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Mean, deviation and range of each figure. */
export function spreadTable(
  spreads: readonly (readonly [name: string, spread: Spread, unit: 'per cent' | 'share'])[],
): Html {
  return dataTable(
    'Mean, standard deviation and range over the runs',
    [
      { title: 'figure' },
      { title: 'mean', isNumber: true },
      { title: 'standard deviation', isNumber: true },
      { title: 'smallest to largest', isNumber: true },
      { title: 'runs', isNumber: true },
    ],
    spreads.map(([name, { mean, standardDeviation, values }, unit]) => {
      const isShare = unit === 'share';
      const text = (value: number): string => (isShare ? value.toFixed(4) : percent(value, 2));
      const range = [Math.min(...values), Math.max(...values)] as const;
      return [
        name,
        text(mean),
        text(standardDeviation),
        isShare ? range.map(text).join(' to ') : percentRange(range),
        values.length,
      ];
    }),
  );
}
