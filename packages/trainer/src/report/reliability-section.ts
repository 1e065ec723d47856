import { calibrationBins, type Metrics } from '../metrics.js';
import { percent } from '../percent.js';
import type { Prediction } from '../results.js';
import { chart, figure, HEAT, SERIES, SOFT } from './chart.js';
import { dataTable, folded, html, type Html } from './html.js';

/** How far confidence can be trusted: accuracy by confidence, with the images in each bin. */
export function reliabilitySection(
  what: string,
  metrics: Metrics,
  predictions: readonly Prediction[] | undefined,
): Html {
  const { expectedCalibrationError, labels } = metrics;
  if (!predictions) {
    return html`<p>
      Expected calibration error ${percent(expectedCalibrationError, 2)}, ${what}. The single
      predictions were not kept, so there is no diagram.
    </p>`;
  }
  const bins = calibrationBins(
    predictions.map(({ truth }) => truth),
    predictions.flatMap(({ probabilities }) => probabilities),
    labels.length,
  );
  const filled = bins.filter(({ count }) => count > 0);
  const images = predictions.length;
  const surplus = filled.reduce(
    (sum, { count, confidence, accuracy }) => sum + (count * (confidence - accuracy)) / images,
    0,
  );
  const tendency = surplus >= 0 ? 'more' : 'less';
  const verdict = `On average the network is ${(100 * Math.abs(surplus)).toFixed(1)} points ${tendency} confident than right.`;
  const nameOf = (from: number, to: number): string => `${from.toFixed(2)}–${to.toFixed(2)}`;
  const alternative =
    `Reliability diagram: accuracy by confidence. ${verdict} Expected calibration error ` +
    `${percent(expectedCalibrationError, 2)}. The table below has the numbers of each bin.`;
  const axes = {
    xAxis: {
      type: 'category' as const,
      data: bins.map(({ from, to }) => nameOf(from, to)),
      name: 'confidence',
      nameLocation: 'middle' as const,
      nameGap: 50,
      axisLabel: { rotate: 45, interval: 0, fontSize: 11 },
    },
  };
  return html`
    <p>Expected calibration error ${percent(expectedCalibrationError, 2)}, ${what}. ${verdict}</p>
    ${figure(
      chart({
        width: 720,
        height: 360,
        alternative,
        option: {
          legend: { top: 0, left: 56, itemGap: 44 },
          grid: { left: 64, right: 16, top: 40, bottom: 72 },
          ...axes,
          yAxis: {
            type: 'value',
            min: 0,
            max: 1,
            name: 'share',
            nameLocation: 'middle',
            nameGap: 40,
          },
          series: [
            {
              name: 'accuracy (with images in the bin)',
              type: 'bar',
              barWidth: '86%',
              itemStyle: { color: HEAT, opacity: 0.55 },
              data: bins.map(({ count, accuracy }) => (count > 0 ? accuracy : null)),
              label: {
                show: true,
                position: 'insideBottom',
                color: 'var(--ink)',
                fontSize: 11,
                formatter: ({ dataIndex }) => String(bins[dataIndex]!.count),
              },
            },
            {
              name: 'mean confidence',
              type: 'scatter',
              symbol: 'diamond',
              symbolSize: 10,
              itemStyle: { color: SERIES[1] },
              data: bins.map(({ count, confidence }) => (count > 0 ? confidence : null)),
            },
            {
              name: 'perfect calibration',
              type: 'line',
              symbol: 'none',
              lineStyle: { color: SOFT, type: 'dashed', width: 1 },
              itemStyle: { color: SOFT },
              data: bins.map(({ from, to }) => (from + to) / 2),
            },
          ],
        },
      }),
      html`Accuracy of the predictions in each of 15 bins of confidence; the number at the foot of a
      bar is its images. Bars below the diamonds are overconfident.`,
    )}
    ${folded(
      'The bins as a table',
      dataTable(
        `Bins of confidence, ${what}`,
        [
          { title: 'confidence' },
          { title: 'images', isNumber: true },
          { title: 'mean confidence', isNumber: true },
          { title: 'accuracy', isNumber: true },
          { title: 'difference', isNumber: true },
        ],
        filled.map(({ from, to, count, confidence, accuracy }) => [
          nameOf(from, to),
          count,
          percent(confidence),
          percent(accuracy),
          signedPoints(confidence - accuracy),
        ]),
      ),
    )}
  `;
}

/** `+1.3` points. */
export function signedPoints(share: number, digits = 1): string {
  const points = (100 * share).toFixed(digits);
  return Number(points) > 0 ? `+${points}` : points.replace('-', '−');
}
