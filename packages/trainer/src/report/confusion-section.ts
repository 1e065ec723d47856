import type { Metrics } from '../metrics.js';
import { percent } from '../percent.js';
import { chart, figure, HEAT, INK, ON_HEAT, PAGE } from './chart.js';
import { dataTable, folded, html, type Html } from './html.js';

/** From this share of a row on, the cell is dark enough for light letters. */
const DARK_CELL = 0.55;

/** Figure 7: confusion matrices in counts and per cent, and each class's figures. */
export function confusionSection(what: string, metrics: Metrics): Html {
  const { labels, confusionMatrix, perClass } = metrics;
  const shares = confusionMatrix.map((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (total > 0 ? count / total : 0));
  });
  const asPercent = (share: number): string => (100 * share).toFixed(1);
  const count = (value: number): string => String(value);
  const table = (caption: string, cells: readonly (readonly string[])[]): Html =>
    dataTable(
      caption,
      [{ title: 'true \\ predicted' }, ...labels.map((title) => ({ title, isNumber: true }))],
      labels.map((label, i) => [label, ...cells[i]!]),
    );
  const counts = confusionMatrix.map((row) => row.map(count));
  const percents = shares.map((row) => row.map(asPercent));
  return html`
    <div class="pair">
      ${figure(
        matrixChart('Confusion matrix in images', metrics, shares, counts),
        html`Images, ${what}. Rows are the true classes, columns the predicted ones.`,
      )}
      ${figure(
        matrixChart('Confusion matrix in per cent', metrics, shares, percents),
        html`Per cent of the true class (rows add up to 100); the diagonal is the recall.`,
      )}
    </div>
    ${folded(
      'The matrices as tables',
      html`${table(`Confusion matrix in images, ${what}`, counts)}
      ${table(`Confusion matrix in per cent of the true class, ${what}`, percents)}`,
    )}
    ${dataTable(
      `Precision, recall and F1 of each class, ${what}`,
      [
        { title: 'class' },
        { title: 'images', isNumber: true },
        { title: 'precision', isNumber: true },
        { title: 'recall', isNumber: true },
        { title: 'F1', isNumber: true },
      ],
      perClass.map(({ label, support, precision, recall, f1 }) => [
        label,
        support,
        percent(precision),
        support > 0 ? percent(recall) : '–',
        f1.toFixed(3),
      ]),
    )}
  `;
}

/** One square for each pair of classes, the darker the larger its share of the row. */
function matrixChart(
  title: string,
  { labels, perClass }: Metrics,
  shares: readonly (readonly number[])[],
  texts: readonly (readonly string[])[],
): Html {
  const recalls = perClass.map(({ label, recall, support }) =>
    support > 0 ? `${label} ${percent(recall)}` : `${label} has no images`,
  );
  const cells = shares.flatMap((row, i) => row.map((share, j) => [j, i, share]));
  return chart({
    width: 480,
    height: 400,
    alternative: `${title}. On the diagonal: ${recalls.join(', ')}. The table below has all numbers.`,
    option: {
      grid: { left: 84, right: 8, top: 8, bottom: 64 },
      xAxis: {
        type: 'category',
        data: [...labels],
        name: 'predicted',
        nameLocation: 'middle',
        nameGap: 46,
        axisLabel: { interval: 0, rotate: 35 },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'category',
        data: [...labels],
        inverse: true,
        axisLabel: { interval: 0 },
        axisTick: { show: false },
      },
      series: {
        type: 'custom',
        data: cells,
        renderItem: (_, api) => {
          const [j, i, share] = [0, 1, 2].map((dimension) => Number(api.value(dimension)));
          const [x, y] = api.coord([j!, i!]);
          const [width, height] = api.size!([1, 1]) as [number, number];
          const shape = { x: x! - width / 2, y: y! - height / 2, width, height };
          const isDark = share! > DARK_CELL;
          return {
            type: 'group',
            children: [
              { type: 'rect', shape, style: { fill: HEAT, opacity: share! } },
              { type: 'rect', shape, style: { fill: 'none', stroke: PAGE, lineWidth: 1.5 } },
              {
                type: 'text',
                style: {
                  text: texts[i!]![j!]!,
                  x: x!,
                  y: y!,
                  align: 'center',
                  verticalAlign: 'middle',
                  fill: isDark ? ON_HEAT : INK,
                  fontSize: 12,
                  fontFamily: 'inherit',
                },
              },
            ],
          };
        },
      },
    },
  });
}
