import type { AttributeMetrics } from '../attribute-metrics.js';
import { percent } from '../percent.js';
import type { PretrainingMetrics } from '../results.js';
import { caveatsSection } from './caveats.js';
import { chart, figure, INK, SERIES } from './chart.js';
import { curvesSection } from './curves-section.js';
import { figures } from './figures.js';
import { dataTable, html, type Html } from './html.js';
import type { Page } from './page.js';
import { dataSection, provenanceSection } from './provenance-section.js';

/** The report of a pre-training on attributes. */
export function pretrainingPage(metrics: PretrainingMetrics): Page {
  const { name, evaluation, history, chosen } = metrics;
  const { dataset, imageSize, count, accuracy, balancedAccuracy, loss, attributes } = evaluation;
  return {
    title: `Pre-training ${name}`,
    lead: html`The backbone with one FC layer on the ${attributes.length} attributes of ${dataset}
    at ${imageSize}×${imageSize} pixels, measured on the validation split (the paper’s first
    training, section 4).`,
    summary: figures([
      ['Attribute accuracy', percent(accuracy, 2), 'mean over the attributes'],
      [
        'Balanced accuracy',
        percent(balancedAccuracy, 2),
        'mean over the attributes; chance is 50 %',
      ],
      ['Always the frequent answer', percent(meanOf(attributes, frequentAnswer), 2), 'accuracy'],
      ['Loss', loss.toFixed(4), 'binary cross entropy'],
      ['Images', String(count), 'that could be read'],
    ]),
    sections: [
      { id: 'caveats', title: 'Caveats', body: caveatsSection(metrics) },
      {
        id: 'curves',
        title: 'Accuracy and loss over the epochs',
        body: html`<p>
            An accuracy counts single attributes; “mean class” is the mean over the attributes of
            the balanced accuracies.
          </p>
          ${curvesSection(history, chosen)}`,
      },
      {
        id: 'attributes',
        title: 'Each attribute',
        body: html`${attributesChart(attributes)} ${attributesTable(attributes)}
          <p>The paper gives no figures of its pre-training.</p>`,
      },
      { id: 'data', title: 'Data and terms', body: dataSection(metrics) },
      { id: 'provenance', title: 'How it was made', body: provenanceSection(metrics) },
    ],
  };
}

/** Accuracy of saying of every image what holds of most of them. */
function frequentAnswer({ share }: AttributeMetrics): number {
  return Math.max(share, 1 - share);
}

function meanOf(
  attributes: readonly AttributeMetrics[],
  figureOf: (attribute: AttributeMetrics) => number,
): number {
  return attributes.reduce((sum, each) => sum + figureOf(each), 0) / attributes.length;
}

/** The best recognised first. */
function byBalance(attributes: readonly AttributeMetrics[]): AttributeMetrics[] {
  return [...attributes].sort((a, b) => b.balancedAccuracy - a.balancedAccuracy);
}

/** Two accuracies of each attribute, and what saying always the same would reach. */
function attributesChart(attributes: readonly AttributeMetrics[]): Html {
  const sorted = byBalance(attributes);
  const [best, worst] = [sorted[0]!, sorted.at(-1)!];
  const points = (value: (attribute: AttributeMetrics) => number): number[][] =>
    sorted.map((each, row) => [value(each), row]);
  const series = [
    {
      name: 'balanced accuracy',
      symbol: 'circle',
      value: (a: AttributeMetrics) => a.balancedAccuracy,
    },
    { name: 'accuracy', symbol: 'diamond', value: (a: AttributeMetrics) => a.accuracy },
    { name: 'always the frequent answer', symbol: 'rect', value: frequentAnswer },
  ];
  return figure(
    chart({
      width: 720,
      height: 110 + 17 * sorted.length,
      alternative:
        `Accuracies of ${sorted.length} attributes. Balanced, from ${best.label} with ` +
        `${percent(best.balancedAccuracy)} to ${worst.label} with ${percent(worst.balancedAccuracy)}.`,
      option: {
        legend: { top: 1, left: 180, itemGap: 24 },
        grid: { left: 180, right: 24, top: 36, bottom: 48 },
        xAxis: {
          type: 'value',
          scale: true,
          max: 1,
          name: 'accuracy',
          nameLocation: 'middle',
          nameGap: 28,
          axisLabel: { formatter: (value: number) => percent(value, 0) },
        },
        yAxis: {
          type: 'category',
          data: sorted.map(({ label }) => label),
          inverse: true,
          axisLabel: { interval: 0, fontSize: 11, color: INK },
        },
        series: series.map(({ name, symbol, value }, i) => ({
          name,
          type: 'scatter' as const,
          symbol,
          symbolSize: i === 2 ? [3, 12] : 8,
          itemStyle: { color: SERIES[i]! },
          data: points(value),
        })),
      },
    }),
    html`Each attribute on the validation split, the best recognised first. A point left of the bar
    is less than what saying the same of every image would reach.`,
  );
}

function attributesTable(attributes: readonly AttributeMetrics[]): Html {
  return dataTable(
    'Every attribute',
    [
      { title: 'attribute' },
      { title: 'images that have it', isNumber: true },
      { title: 'accuracy', isNumber: true },
      { title: 'always the frequent answer', isNumber: true },
      { title: 'balanced accuracy', isNumber: true },
    ],
    byBalance(attributes).map((each) => [
      each.label,
      percent(each.share),
      percent(each.accuracy),
      percent(frequentAnswer(each)),
      percent(each.balancedAccuracy),
    ]),
  );
}
