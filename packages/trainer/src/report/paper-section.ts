import type { NetworkConfig } from 'emotion-cam/network';
import { percent } from '../percent.js';
import type { AblationRow } from '../results.js';
import { meanAndDeviation } from './figures.js';
import { dataTable, html, type Html } from './html.js';
import { paperDataset, PAPER_REMARKS, TABLE_1, TABLE_2 } from './paper-tables.js';

/** A result of ours for a line of Table 1. */
export interface OurLine {
  readonly dataset: string;
  /** For example `this run`. */
  readonly name: string;
  readonly accuracy: string;
  /** How it was measured. */
  readonly protocol: string;
}

const PAPER_PROTOCOL = '10-fold cross validation';

/** Table 1 with our result in its last line; nothing for sets that the paper does not measure. */
export function table1Section({ dataset, name, accuracy, protocol }: OurLine): Html {
  const set = paperDataset(dataset);
  if (!set) {
    return html`<p>The paper does not measure on ${dataset}: its Table 1 has RAF-DB and CK+.</p>`;
  }
  const title = set === 'ck-plus' ? 'CK+' : 'RAF-DB';
  return html`
    ${dataTable(
      `The paper’s Table 1, ${title}, and ${name}`,
      [
        { title: 'method' },
        { title: 'accuracy', isNumber: true },
        { title: 'expressions', isNumber: true },
        { title: 'protocol' },
      ],
      [
        ...TABLE_1[set].map((line) => [
          line.method,
          `${line.accuracy.toFixed(2)} %`,
          line.expressions,
          line.isPapers ? PAPER_PROTOCOL : 'as its authors chose',
        ]),
        [
          html`<strong>${name}</strong>`,
          html`<strong>${accuracy}</strong>`,
          7,
          html`<strong>${protocol}</strong>`,
        ],
      ],
    )}
    <p>${PAPER_REMARKS[set]} Numbers by other protocols cannot be compared line by line.</p>
  `;
}

/** The paper's name of an ablation and its accuracies, where it measured it. */
function paperRow({ attention, head }: NetworkConfig): (typeof TABLE_2)[number] | undefined {
  return TABLE_2.find((row) => row.attention === attention && row.head === head);
}

/** Table 2: the ablation beside the paper's. */
export function table2Section(dataset: string, rows: readonly AblationRow[]): Html {
  const set = paperDataset(dataset);
  const published = (row: AblationRow): string => {
    const accuracy = set && paperRow(row.network)?.accuracy[set];
    return accuracy === undefined ? '–' : `${accuracy.toFixed(2)} %`;
  };
  return dataTable(
    html`The paper’s Table 2 on ${dataset}; mean ± standard deviation over the runs of a row`,
    [
      { title: 'network' },
      { title: 'as the paper calls it' },
      { title: 'attention' },
      { title: 'head' },
      { title: 'parameters', isNumber: true },
      { title: 'runs', isNumber: true },
      { title: 'accuracy', isNumber: true },
      { title: 'mean class', isNumber: true },
      { title: 'all images together', isNumber: true },
      { title: 'paper', isNumber: true },
    ],
    rows.map((row) => [
      html`<strong>${row.name}</strong>`,
      paperRow(row.network)?.name ?? 'not in the paper',
      row.network.attention,
      row.network.head,
      row.parameters.toLocaleString('en'),
      row.runs.length,
      meanAndDeviation(row.accuracy),
      meanAndDeviation(row.meanClassAccuracy),
      percent(row.pooled.accuracy, 2),
      published(row),
    ]),
  );
}
