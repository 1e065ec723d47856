import type { ChosenEpoch } from '../results.js';
import { percent } from '../percent.js';
import type { EpochRecord } from '../train.js';
import { chart, figure, SERIES, SOFT } from './chart.js';
import { dataTable, folded, html, type Html } from './html.js';

/** One line of a chart. */
interface Curve {
  readonly name: string;
  /** `undefined` where the run does not have it. */
  readonly value: (record: EpochRecord) => number | undefined;
}

/** A chart over the epochs. */
interface CurveChart {
  readonly title: string;
  readonly caption: string;
  readonly curves: readonly Curve[];
  readonly isShare?: boolean;
  readonly isLogarithmic?: boolean;
}

const CHARTS: readonly CurveChart[] = [
  {
    title: 'Accuracy',
    caption:
      'Accuracy over the epochs. Training: on augmented images, while the weights move. ' +
      'Validation: after the epoch, on unchanged images; mean class: mean recall of the classes there. ' +
      'Not averaged: the weights themselves, where their average is what is validated.',
    curves: [
      { name: 'training', value: (record) => record.trainAccuracy },
      { name: 'validation', value: (record) => record.validationAccuracy },
      { name: 'mean class', value: (record) => record.validationMeanClassAccuracy },
      { name: 'not averaged', value: (record) => record.rawValidationAccuracy },
    ],
    isShare: true,
  },
  {
    title: 'Classification loss, L_cls',
    caption: 'Cross entropy over the epochs; in training against the smoothed or voted target.',
    curves: [
      { name: 'training', value: (record) => record.classification },
      { name: 'validation', value: (record) => record.validationLoss },
    ],
  },
  {
    title: 'Joint loss, L',
    caption: 'L_cls + λ1 L_C + λ2 L_D in training. L_W is applied as decoupled weight decay.',
    curves: [{ name: 'training', value: (record) => record.loss }],
  },
  {
    title: 'Compactness, L_C',
    caption: 'Before its factor λ1, in training.',
    curves: [{ name: 'training', value: (record) => record.compactness }],
  },
  {
    title: 'Distribution, L_D',
    caption: 'Before its factor λ2, in training.',
    curves: [{ name: 'training', value: (record) => record.distribution }],
  },
  {
    title: 'Learning rate',
    caption: 'Of the last step of each epoch, logarithmic.',
    curves: [{ name: 'learning rate', value: (record) => record.learningRate }],
    isLogarithmic: true,
  },
];

/** Charts of up to this width stand side by side. */
const NARROW = 500;

/** Told apart without colour, too. */
const LINES = ['solid', 'dashed', 'dotted', 'solid'] as const;
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'] as const;

/** Figure 6: accuracy and every term of the loss over the epochs, and all numbers as a table. */
export function curvesSection(history: readonly EpochRecord[], chosen: ChosenEpoch): Html {
  const [accuracy, classification, ...terms] = CHARTS;
  const isUsed = ({ curves }: CurveChart): boolean =>
    history.some((record) => curves.some(({ value }) => value(record)));
  const draw = (width: number, height: number) => (content: CurveChart) =>
    figure(curveChart(content, history, chosen, width, height), content.caption);
  return html`
    <p>${chosen.reason} It is marked with a line; dotted lines are where a stage begins.</p>
    ${stagesIn(history)} ${draw(720, 340)(accuracy!)} ${draw(720, 300)(classification!)}
    <div class="pair">${terms.filter(isUsed).map(draw(440, 250))}</div>
    ${folded('All epochs as a table', historyTable(history, chosen))}
  `;
}

/** The stages that the charts only number. */
function stagesIn(history: readonly EpochRecord[]): Html | undefined {
  const begins = history.filter(({ stage }, i) => history[i - 1]?.stage !== stage);
  if (begins.length < 2) return undefined;
  const names = begins.map(
    ({ stage, dataset, imageSize }) => `${stage + 1}: ${dataset} at ${imageSize} pixels`,
  );
  return html`<p>Stages: ${names.join('; ')}.</p>`;
}

function isChosen(record: EpochRecord, chosen: ChosenEpoch): boolean {
  return record.stage === chosen.stage && record.epoch === chosen.epoch;
}

function curveChart(
  { title, curves: all, isShare = false, isLogarithmic = false }: CurveChart,
  history: readonly EpochRecord[],
  chosen: ChosenEpoch,
  width: number,
  height: number,
): Html {
  const curves = all.filter(({ value }) => history.some((record) => value(record) !== undefined));
  const [first, last] = [history[0], history.at(-1)];
  const text = (value = NaN): string =>
    isShare ? percent(value) : Number(value.toPrecision(3)).toString();
  const course = curves.map(({ name, value }) =>
    first && last ? `${name} from ${text(value(first))} to ${text(value(last))}` : name,
  );
  // A stage's first epoch, where it is not the run's. Small charts have no room for its name.
  const stages = history.flatMap(({ stage }, i) =>
    i > 0 && history[i - 1]!.stage !== stage
      ? [{ at: i, text: width > NARROW ? `stage ${stage + 1}` : '' }]
      : [],
  );
  const chosenAt = history.findIndex((record) => isChosen(record, chosen));
  const mark = (at: number, label: string, color: string, type: 'solid' | 'dotted') => ({
    xAxis: String(at + 1),
    label: {
      show: label !== '',
      formatter: label,
      color,
      // Beside the first epoch's line stand the numbers of the axis.
      position:
        type === 'dotted'
          ? ('end' as const)
          : at === 0
            ? ('insideEndBottom' as const)
            : ('insideEndTop' as const),
      distance: 3,
      fontSize: 11,
    },
    lineStyle: { color, type, width: 1 },
  });
  return chart({
    width,
    height,
    alternative: `${title} over ${history.length} epochs: ${course.join('; ')}. The table below has all numbers.`,
    option: {
      title: { text: title, left: 0, top: 0, textStyle: { fontSize: 14, color: 'var(--ink)' } },
      legend: { show: curves.length > 1, top: 1, left: 230, itemGap: 30 },
      grid: { left: 60, right: 20, top: 52, bottom: 44 },
      xAxis: {
        type: 'category',
        data: history.map((_, i) => String(i + 1)),
        name: 'epoch',
        nameLocation: 'middle',
        nameGap: 28,
        boundaryGap: false,
      },
      yAxis: {
        type: isLogarithmic ? 'log' : 'value',
        scale: !isShare,
        ...(isShare && {
          min: 0,
          max: 1,
          axisLabel: { formatter: (value: number) => percent(value, 0) },
        }),
        ...(isLogarithmic && {
          axisLabel: { formatter: (value: number) => value.toExponential(0) },
        }),
      },
      series: curves.map(({ name, value }, i) => ({
        name,
        type: 'line' as const,
        data: history.map((record) => value(record) ?? null),
        symbol: SYMBOLS[i]!,
        symbolSize: history.length > 30 ? 0 : 6,
        lineStyle: { color: SERIES[i]!, type: LINES[i]!, width: 2 },
        itemStyle: { color: SERIES[i]! },
        ...(i === 0 && {
          markLine: {
            symbol: 'none',
            silent: true,
            data: [
              ...stages.map(({ at, text: label }) => mark(at, label, SOFT, 'dotted')),
              ...(chosenAt < 0 ? [] : [mark(chosenAt, 'chosen', 'var(--mark)', 'solid')]),
            ],
          },
        }),
      })),
    },
  });
}

function historyTable(history: readonly EpochRecord[], chosen: ChosenEpoch): Html {
  const number = (title: string): { title: string; isNumber: boolean } => ({
    title,
    isNumber: true,
  });
  return dataTable(
    'Every epoch; the chosen one is bold',
    [
      { title: 'epoch' },
      number('stage'),
      { title: 'data' },
      number('pixels'),
      number('learning rate'),
      number('L'),
      number('L_cls'),
      number('L_C'),
      number('L_D'),
      number('training accuracy'),
      number('validation loss'),
      number('validation accuracy'),
      number('mean class'),
      number('seconds'),
    ],
    history.map((record, i) => [
      isChosen(record, chosen) ? html`<strong>${i + 1}</strong>` : i + 1,
      record.stage + 1,
      record.dataset,
      record.imageSize,
      record.learningRate.toExponential(1),
      record.loss.toFixed(4),
      record.classification.toFixed(4),
      record.compactness.toFixed(2),
      record.distribution.toFixed(5),
      percent(record.trainAccuracy, 2),
      record.validationLoss.toFixed(4),
      percent(record.validationAccuracy, 2),
      percent(record.validationMeanClassAccuracy, 2),
      record.seconds.toFixed(0),
    ]),
  );
}
