import type { CrossValidationMetrics, RunMetrics, RunPredictions } from '../results.js';
import { caveatsSection } from './caveats.js';
import { confusionSection } from './confusion-section.js';
import { curvesSection } from './curves-section.js';
import { accuracyInterval, figures, meanAndDeviation } from './figures.js';
import { html, type Html } from './html.js';
import type { Page } from './page.js';
import { table1Section } from './paper-section.js';
import { percent } from '../percent.js';
import { dataSection, provenanceSection } from './provenance-section.js';
import { reliabilitySection } from './reliability-section.js';
import { runsTable, spreadChart, spreadTable } from './spread-section.js';

/** How the folds were cut, in words. */
export const PROTOCOL_NAMES = {
  image: 'stratified by image, as in the paper',
  group: 'by group: no subject or duplicate on two sides',
  split: 'one split, several seeds',
} as const;

/** The report of a cross validation. */
export function crossValidationPage(
  metrics: CrossValidationMetrics,
  predictions: RunPredictions | undefined,
  foldRuns: readonly RunMetrics[],
): Page {
  const { dataset, protocol, folds, runs, accuracy, meanClassAccuracy, macroF1, pooled } = metrics;
  const what = `all ${folds} folds of ${dataset} together`;
  return {
    title: `Cross validation on ${dataset}, by ${protocol}`,
    lead: html`FDRL-ECANet on ${dataset}, ${folds} folds ${PROTOCOL_NAMES[protocol]}. Every image is
    measured once, by the network that was trained without its fold.`,
    summary: figures([
      [
        'Accuracy',
        percent(accuracy.mean, 2),
        `± ${percent(accuracy.standardDeviation, 2)} over the folds`,
      ],
      [
        'Mean class accuracy',
        percent(meanClassAccuracy.mean, 2),
        `± ${percent(meanClassAccuracy.standardDeviation, 2)} over the folds`,
      ],
      [
        'Macro F1',
        macroF1.mean.toFixed(4),
        `± ${macroF1.standardDeviation.toFixed(4)} over the folds`,
      ],
      ['All images together', percent(pooled.accuracy, 2), accuracyInterval(pooled)],
      ['Images', String(pooled.count), `in ${folds} folds`],
    ]),
    sections: [
      { id: 'caveats', title: 'Caveats', body: caveatsSection(metrics) },
      {
        id: 'folds',
        title: 'Folds',
        body: html`
          ${spreadChart([{ name: 'folds', accuracy }], 'fold')}
          ${spreadTable([
            ['accuracy', accuracy, 'per cent'],
            ['mean class accuracy', meanClassAccuracy, 'per cent'],
            ['macro F1', macroF1, 'share'],
          ])}
          ${runsTable('Every fold, measured on its images', runs)}
        `,
      },
      {
        id: 'curves',
        title: 'Accuracy and loss over the epochs (Figure 6)',
        body: foldCurves(foldRuns),
      },
      {
        id: 'confusion',
        title: 'Confusion and classes (Figure 7)',
        body: confusionSection(what, pooled),
      },
      {
        id: 'calibration',
        title: 'Calibration',
        body: reliabilitySection(what, pooled, pooledPredictions(predictions)),
      },
      {
        id: 'paper',
        title: 'Beside the paper (Table 1)',
        body: table1Section({
          dataset,
          name: 'this cross validation',
          accuracy: meanAndDeviation(accuracy),
          protocol: `${folds} folds ${PROTOCOL_NAMES[protocol]}`,
        }),
      },
      { id: 'data', title: 'Data and terms', body: dataSection(metrics) },
      { id: 'provenance', title: 'How it was made', body: provenanceSection(metrics) },
    ],
  };
}

function pooledPredictions(
  predictions: RunPredictions | undefined,
): RunPredictions['sets'][number]['predictions'] | undefined {
  return predictions?.sets.flatMap((set) => set.predictions);
}

/** The first fold's curves stand for all; the others can have reports of their own. */
function foldCurves(foldRuns: readonly RunMetrics[]): Html {
  const [first] = foldRuns;
  if (!first) return html`<p>The folds’ own runs are not beside this report.</p>`;
  return html`
    <p>
      Of the first fold, run ${first.name}. The command report makes a page of any fold’s folder.
    </p>
    ${curvesSection(first.history, first.chosen)}
  `;
}
