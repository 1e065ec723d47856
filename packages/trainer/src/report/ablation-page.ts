import type { AblationMetrics, RunPredictions } from '../results.js';
import { percent } from '../percent.js';
import { caveatsSection } from './caveats.js';
import { confusionSection } from './confusion-section.js';
import { PROTOCOL_NAMES } from './cross-validation-page.js';
import { figures, meanAndDeviation } from './figures.js';
import { html } from './html.js';
import type { Page } from './page.js';
import { table2Section } from './paper-section.js';
import { dataSection, provenanceSection } from './provenance-section.js';
import { reliabilitySection } from './reliability-section.js';
import { comparisonsTable, runsTable, spreadChart } from './spread-section.js';

/** The report of an ablation: Table 2 on this data. */
export function ablationPage(
  metrics: AblationMetrics,
  predictions: RunPredictions | undefined,
): Page {
  const { dataset, protocol, rows, comparisons } = metrics;
  return {
    title: `Ablation on ${dataset}`,
    lead: html`The same training of ${rows.length} networks on ${dataset},
    ${PROTOCOL_NAMES[protocol]}.`,
    summary: figures(
      rows.map((row) => [
        row.name,
        percent(row.accuracy.mean, 2),
        `± ${percent(row.accuracy.standardDeviation, 2)} over ${row.runs.length} run(s)`,
      ]),
    ),
    sections: [
      { id: 'caveats', title: 'Caveats', body: caveatsSection(metrics) },
      {
        id: 'table-2',
        title: 'Beside the paper (Table 2)',
        body: html`${table2Section(dataset, rows)} ${spreadChart(rows, 'run')}`,
      },
      {
        id: 'comparisons',
        title: 'Is the difference more than chance?',
        body:
          comparisons.length > 0
            ? comparisonsTable(comparisons)
            : html`<p>The rows were not compared.</p>`,
      },
      {
        id: 'rows',
        title: 'Each network (Figure 7)',
        body: html`${rows.map((row) => {
          const what = `${row.name}, all runs together`;
          const set = predictions?.sets.find((each) => each.row === row.name);
          return html`
            <h3>${row.name}: ${meanAndDeviation(row.accuracy)}</h3>
            ${runsTable(`Every run of ${row.name}`, row.runs)} ${confusionSection(what, row.pooled)}
            ${reliabilitySection(what, row.pooled, set?.predictions)}
          `;
        })}`,
      },
      { id: 'data', title: 'Data and terms', body: dataSection(metrics) },
      { id: 'provenance', title: 'How it was made', body: provenanceSection(metrics) },
    ],
  };
}
